#include "metering/journal_segment.h"

#include "metering/reserved_log_env.h"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/iterator.h>
#include <leveldb/options.h>

#include <system_error>

namespace relay {
namespace {

// Above what a segment may hold: a write buffer that fills would be flushed to a table.
constexpr std::size_t kWriteBufferBytes = 64U << 20;
constexpr std::size_t kBlockCacheBytes = 64U << 10;

// No record has number 0: its key holds the segment's first number.
constexpr std::int64_t kFirstKey = 0;

}  // namespace

SequenceKey::SequenceKey(std::int64_t sequence) {
  auto left = static_cast<std::uint64_t>(sequence);
  for (int i = 7; i >= 0; --i, left >>= 8) bytes[i] = static_cast<char>(left & 0xFF);
}

std::int64_t sequence_of_key(std::string_view key) {
  std::uint64_t sequence = 0;
  for (const char byte : key.substr(0, 8)) sequence = (sequence << 8) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(sequence);
}

Error journal_unavailable(std::string cause) {
  return Error(ErrorKind::unavailable, "journal_unavailable", "The service is busy. Please try again.")
      .because("usage journal: " + std::move(cause))
      .retry_in(std::chrono::seconds(5));
}

JournalSegment::JournalSegment(std::filesystem::path folder) : folder_(std::move(folder)) {}

JournalSegment::~JournalSegment() { close(); }

Result<std::unique_ptr<JournalSegment>> JournalSegment::create(std::filesystem::path folder,
                                                               std::size_t bytes) {
  std::unique_ptr<JournalSegment> segment(new JournalSegment(std::move(folder)));
  segment->env_ = std::make_shared<ReservedLogEnv>(bytes);
  const std::lock_guard lock(segment->mutex_);
  if (auto opened = segment->database(); opened.has_error()) return std::move(opened).error();
  return segment;
}

std::unique_ptr<JournalSegment> JournalSegment::existing(std::filesystem::path folder) {
  return std::unique_ptr<JournalSegment>(new JournalSegment(std::move(folder)));
}

Result<leveldb::DB*> JournalSegment::database() const {
  if (database_ != nullptr) return database_.get();
  if (cache_ == nullptr) cache_.reset(leveldb::NewLRUCache(kBlockCacheBytes));
  leveldb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = kWriteBufferBytes;
  options.compression = leveldb::kNoCompression;
  options.block_cache = cache_.get();
  // A log that is opened to be read stays as it is: on a full disk there is no room to make a table of it.
  options.reuse_logs = true;
  if (env_ != nullptr) options.env = env_.get();
  leveldb::DB* opened = nullptr;
  if (const auto status = leveldb::DB::Open(options, folder_.string(), &opened); !status.ok()) {
    return journal_unavailable(status.ToString());
  }
  database_.reset(opened);
  return opened;
}

Result<std::int64_t> JournalSegment::first() const {
  const std::lock_guard lock(mutex_);
  TRY(auto* database, this->database());
  std::string value;
  const SequenceKey key(kFirstKey);
  const auto status = database->Get({}, leveldb::Slice(key.bytes, sizeof key.bytes), &value);
  if (status.IsNotFound()) return std::int64_t{0};
  if (!status.ok()) return journal_unavailable(status.ToString());
  return sequence_of_key(value);
}

Result<std::int64_t> JournalSegment::last() const {
  TRY(const auto first, this->first());
  const std::lock_guard lock(mutex_);
  TRY(auto* database, this->database());
  const std::unique_ptr<leveldb::Iterator> place(database->NewIterator({}));
  place->SeekToLast();
  if (!place->status().ok()) return journal_unavailable(place->status().ToString());
  const auto highest =
      place->Valid() ? sequence_of_key(std::string_view(place->key().data(), place->key().size())) : 0;
  return std::max(highest, first - 1);
}

Result<> JournalSegment::put(std::string_view key, std::string_view value) {
  const auto status =
      database_->Put({}, leveldb::Slice(key.data(), key.size()), leveldb::Slice(value.data(), value.size()));
  if (!status.ok()) return journal_unavailable(status.ToString());
  return {};
}

Result<> JournalSegment::begin(std::int64_t first) {
  return put(SequenceKey(kFirstKey).view(), SequenceKey(first).view());
}

Result<> JournalSegment::write(const RecordGroup& group, std::int64_t last) {
  return put(SequenceKey(last).view(), group.bytes());
}

Result<> JournalSegment::read(std::int64_t from, std::int64_t end, RecordPage& page,
                              std::int64_t& next) const {
  const std::lock_guard lock(mutex_);
  TRY(auto* database, this->database());
  leveldb::ReadOptions once;
  once.fill_cache = false;
  once.verify_checksums = true;
  const std::unique_ptr<leveldb::Iterator> place(database->NewIterator(once));
  next = from;
  const SequenceKey key(from);
  for (place->Seek(leveldb::Slice(key.bytes, sizeof key.bytes)); place->Valid() && next < end;
       place->Next()) {
    const auto last = sequence_of_key(std::string_view(place->key().data(), place->key().size()));
    auto bytes = std::make_shared<const std::string>(place->value().data(), place->value().size());
    const auto count = count_of_group(*bytes);
    if (count.has_error()) {
      page.broken.push_back({last, *bytes, count.error().cause()});
    } else if (last - *count + 1 < end) {
      read_group(std::move(bytes), last - *count + 1, from, end, page);
    } else {
      break;
    }
    next = std::min(last + 1, end);
  }
  if (!place->status().ok()) return journal_unavailable(place->status().ToString());
  return ok;
}

void JournalSegment::close() {
  const std::lock_guard lock(mutex_);
  database_.reset();
  cache_.reset();
}

Result<> JournalSegment::remove() {
  close();
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
  if (error) return journal_unavailable(folder_.string() + ": " + error.message());
  return {};
}

Result<> JournalSegment::sync() const {
  const auto env = env_;
  if (env == nullptr) return {};  // from an earlier run: its readers have synced what they opened
  if (const auto status = env->sync(); !status.ok()) return journal_unavailable(status.ToString());
  return {};
}

}  // namespace relay
