// One piece of the usage journal: a LevelDB of its own, filled once, read at most once, dropped whole.
#pragma once

#include "base/result.h"
#include "metering/record_group.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace leveldb {
class Cache;
class DB;
class WriteBatch;
}  // namespace leveldb

namespace relay {

class ReservedLogEnv;

/// Why segments and not one database: a LevelDB delete is a write of its own, and the dead records are still
/// copied to a table file and merged there. Measured per record with 240 bytes: one database with deletes in
/// batches 3.4 us, segments 1.9 us, opening and dropping them included. A segment
/// stays below its write buffer: nothing is ever flushed to a table, nothing is merged.
///
/// write() by one thread at a time; all else may be called beside it.
class JournalSegment {
 public:
  /// A new one in `folder`, which must not exist; its log has `bytes` on disk at once. unavailable when there
  /// is no room. Syncs small files: not for an I/O thread.
  static Result<std::unique_ptr<JournalSegment>> create(std::filesystem::path folder, std::size_t bytes);

  /// One that is there, for reading; its database is opened when it is first looked at.
  static std::unique_ptr<JournalSegment> existing(std::filesystem::path folder);

  ~JournalSegment();

  /// Its first sequence number, kept in it even while it is empty; 0 for one that was never begun. From disk.
  Result<std::int64_t> first() const;
  /// The highest sequence number in it, or one below first().
  Result<std::int64_t> last() const;

  /// Makes `first` its first number. The room for it was reserved.
  Result<> begin(std::int64_t first);

  /// The group's last record gets the number `last`, which is also the key. One system call.
  Result<> write(const RecordGroup& group, std::int64_t last);

  /// Appends to `page` the records from `from` on and below `end`, those of one group at the least. `next`:
  /// where the next page starts; `from` when there are no more. Keeps the database open until close().
  Result<> read(std::int64_t from, std::int64_t end, RecordPage& page, std::int64_t& next) const;

  /// Gives its memory back; it can still be read. Not while another thread may write.
  void close();

  /// Closes it and deletes its files.
  Result<> remove();

  Result<> sync() const;

 private:
  explicit JournalSegment(std::filesystem::path folder);

  Result<leveldb::DB*> database() const;
  Result<> put(std::string_view key, std::string_view value);

  const std::filesystem::path folder_;
  mutable std::mutex mutex_;  // of the opening and closing
  std::shared_ptr<ReservedLogEnv> env_;
  mutable std::unique_ptr<leveldb::Cache> cache_;
  mutable std::unique_ptr<leveldb::DB> database_;
};

/// The key of a sequence number: 8 bytes, big end first, so that keys sort as numbers do.
struct SequenceKey {
  explicit SequenceKey(std::int64_t sequence);
  std::string_view view() const { return {bytes, sizeof bytes}; }
  char bytes[8];
};
std::int64_t sequence_of_key(std::string_view key);

Error journal_unavailable(std::string cause);

}  // namespace relay
