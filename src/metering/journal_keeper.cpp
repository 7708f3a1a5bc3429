// The journal's other side: opening its folder, and the thread that keeps room for appends.
#include "metering/journal.h"

#include "domain/identifier.h"
#include "metering/journal_segment.h"
#include "metering/reserved_log_env.h"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/options.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <system_error>

namespace relay {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNodeIdKey = "node_id";
constexpr const char* kHolderKey = "holder";
constexpr std::chrono::seconds kRetryRoom{1};

std::string segment_name(std::int64_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "%012lld", static_cast<long long>(number));
  return name;
}

Error journal_held(const std::string& cause) {
  return Error(ErrorKind::unavailable, kJournalHeld, "The usage journal is another process's").because(cause);
}

/// 0 for a name that is not a segment's.
std::int64_t segment_number(const std::string& name) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

}  // namespace

UsageJournal::UsageJournal(JournalSettings settings, const Clock& clock, Alarm alarm)
    : settings_(std::move(settings)), clock_(clock), alarm_(std::move(alarm)) {}

UsageJournal::~UsageJournal() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    keeper_wakes_.notify_all();
  }
  if (keeper_.joinable()) keeper_.join();
  if (spare_ != nullptr) (void)spare_->remove();  // nothing is in it; the next start would remove it
}

Result<std::unique_ptr<UsageJournal>> UsageJournal::open(JournalSettings settings, const Clock& clock,
                                                         Random& random, Alarm alarm) {
  std::unique_ptr<UsageJournal> journal(new UsageJournal(std::move(settings), clock, std::move(alarm)));
  CHECK(journal->open_node(random));
  CHECK(journal->open_segments());
  journal->keeper_ = std::thread([self = journal.get()] { self->keep_room(); });
  return journal;
}

UsageJournal::Lock::~Lock() {
  if (descriptor >= 0) ::close(descriptor);
}

// LevelDB's own LOCK is one of fcntl(2): a process that only tries to open what it has open already loses it.
// So it is never asked.
Result<> UsageJournal::lock_folder() {
  const auto path = (settings_.folder / "lock").string();
  lock_.descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_.descriptor < 0) return journal_unavailable(path + ": " + std::strerror(errno));
  if (::flock(lock_.descriptor, LOCK_EX | LOCK_NB) == 0) return ok;
  if (errno == EWOULDBLOCK) return journal_held(settings_.folder.string());
  return journal_unavailable(path + ": " + std::strerror(errno));
}

Result<> UsageJournal::open_node(Random& random) {
  std::error_code error;
  fs::create_directory(settings_.folder, error);
  if (error) return journal_unavailable(settings_.folder.string() + ": " + error.message());
  fs::permissions(settings_.folder, fs::perms::owner_all,
                  error);  // whose keys were used from where is private

  CHECK(lock_folder());
  leveldb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = 64U << 10;
  leveldb::DB* opened = nullptr;
  if (auto status = leveldb::DB::Open(options, (settings_.folder / "node").string(), &opened); !status.ok()) {
    return journal_unavailable(status.ToString());
  }
  node_.reset(opened);
  auto status = node_->Get({}, kNodeIdKey, &node_id_);
  if (status.IsNotFound()) {
    node_id_ = make_identifier("node_", clock_.now(), random);
    leveldb::WriteOptions durable;
    durable.sync = true;
    status = node_->Put(durable, kNodeIdKey, node_id_);
  }
  if (!status.ok()) return journal_unavailable(status.ToString());
  return ok;
}

Result<std::string> UsageJournal::holder() const {
  std::string holder;
  const auto status = node_->Get({}, kHolderKey, &holder);
  if (!status.ok() && !status.IsNotFound()) return journal_unavailable(status.ToString());
  return holder;
}

Result<> UsageJournal::set_holder(const std::string& holder) {
  if (const auto status = node_->Put({}, kHolderKey, holder); !status.ok()) {
    return journal_unavailable(status.ToString());
  }
  return ok;
}

Result<> UsageJournal::open_segments() {
  std::map<std::int64_t, fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(settings_.folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (const auto number = segment_number(entry->path().filename().string()))
      found.emplace(number, entry->path());
  }
  if (error) return journal_unavailable(settings_.folder.string() + ": " + error.message());

  for (const auto& [number, path] : found) {
    next_segment_ = number + 1;
    std::shared_ptr<JournalSegment> segment = JournalSegment::existing(path);
    TRY(const auto first, segment->first());
    if (first == 0) {  // a spare that was never begun
      CHECK(segment->remove());
      continue;
    }
    TRY(const auto last, segment->last());
    segment->close();
    next_ = last + 1;
    pieces_.push_back({.first = first, .segment = std::move(segment)});
  }
  if (!pieces_.empty()) {
    stored_ = pieces_.front().first - 1;
    pending_is_newest_ = stored_ + 1 == next_;
  }
  cursor_ = stored_ + 1;
  last_sequence_ = next_ - 1;
  if (untaken() > 0) marks_.push_back({.sequence = cursor_, .at = clock_.steady_now()});

  // Old segments are only read: their logs may end in the middle of a record.
  TRY(auto current, make_segment());
  CHECK(current->begin(next_));
  pieces_.push_back({.first = next_, .segment = std::move(current)});
  TRY(spare_, make_segment());
  refresh_accepting();
  return ok;
}

Result<std::shared_ptr<JournalSegment>> UsageJournal::make_segment() {
  const auto folder = settings_.folder / segment_name(next_segment_++);
  auto made = JournalSegment::create(folder, settings_.segment_bytes);
  if (made.has_error()) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    return std::move(made).error();
  }
  return std::shared_ptr<JournalSegment>(*std::move(made));
}

void UsageJournal::keep_room() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto bytes = static_cast<std::int64_t>((pieces_.size() + 1) * settings_.segment_bytes);
    const bool below_max = bytes <= settings_.bytes_max;
    const bool wants_spare = spare_ == nullptr && below_max;
    if (spare_ == nullptr && !below_max && may_grow_) {
      may_grow_ = false;
      refresh_accepting();
      alarm_("The usage journal is full (" + std::to_string(settings_.bytes_max) +
             " bytes): the store takes nothing. New calls are refused until it does");
    }
    if (full_.empty() && dead_.empty() && !wants_spare) {
      keeper_wakes_.wait(lock);
      continue;
    }
    auto full = std::exchange(full_, {});
    auto dead = std::exchange(dead_, {});
    lock.unlock();

    std::string failure;
    for (const auto& segment : dead) {
      if (auto removed = segment->remove(); removed.has_error()) alarm_(removed.error().cause());
    }
    for (const auto& segment : full) {
      if (std::find(dead.begin(), dead.end(), segment) == dead.end()) segment->close();
    }
    std::shared_ptr<JournalSegment> spare;
    if (wants_spare) {
      if (auto made = make_segment(); made.has_value()) {
        spare = *std::move(made);
      } else {
        failure = made.error().cause();
      }
    }

    lock.lock();
    if (spare != nullptr) {
      spare_ = std::move(spare);
      may_grow_ = true;
    } else if (wants_spare && std::exchange(may_grow_, false)) {
      alarm_("No room for the usage journal (" + failure +
             "). New calls are refused when what is left is used up");
    }
    refresh_accepting();
    if (wants_spare && spare_ == nullptr) keeper_wakes_.wait_for(lock, kRetryRoom);
  }
}

void UsageJournal::keep_broken(const BrokenRecord& broken) {
  ++lost_;
  const auto kept = node_->Put({}, "broken/" + std::to_string(broken.sequence), broken.bytes);
  alarm_("A usage record does not read (number " + std::to_string(broken.sequence) + ": " + broken.reason +
         "); " +
         (kept.ok() ? "its bytes are kept in the journal's node folder" : "its bytes could not be kept"));
}

}  // namespace relay
