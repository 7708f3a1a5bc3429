// The node's usage journal: what was used, on disk before the client sees the end of its answer.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "metering/record_group.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace leveldb {
class DB;
}

namespace relay {

class JournalSegment;

/// The code of the error that says that another process has the journal.
inline constexpr std::string_view kJournalHeld = "journal_held";

/// Called from any thread with something that a person must look at. Must not block, nor call the journal.
using Alarm = std::function<void(std::string_view words)>;

struct JournalSettings {
  std::filesystem::path folder;            // DATA_DIR/journal; made when missing, its parent must be there
  std::int64_t bytes_max = 1LL << 30;      // about 4 million records
  std::size_t segment_bytes = 4U << 20;    // two are on disk at the least; one is in memory
  std::size_t records_in_memory = 20'000;  // not yet stored; what is past them is read back from disk
};

struct JournalState {
  std::int64_t backlog_records = 0;         // appended and not yet stored
  std::chrono::milliseconds oldest_age{0};  // how long the oldest of them waits, within 250 ms
  std::int64_t lost_records = 0;  // that were appended and do not read (disk errors), since the start
  std::int64_t bytes = 0;         // on disk
  bool accepting = true;
};

/// A row of segments (see journal_segment.h). One process at a time: the folder is locked.
///
/// append(), accepting(), sync() and state() are for any thread. start_after(), take(), rewind() and
/// release() are for one thread, the usage writer's. A record goes append -> take -> (stored) -> release; it
/// is on disk from the first to the last.
class UsageJournal {
 public:
  /// Opens the folder, or makes it with a new node id. unavailable when it is held by another process
  /// (kJournalHeld) or can't be used. Blocks: start-up only.
  static Result<std::unique_ptr<UsageJournal>> open(JournalSettings settings, const Clock& clock,
                                                    Random& random, Alarm alarm);
  /// No append may run or follow.
  ~UsageJournal();
  UsageJournal(const UsageJournal&) = delete;
  UsageJournal& operator=(const UsageJournal&) = delete;

  /// "node_" + ULID; the same for the life of the folder.
  const std::string& node_id() const { return node_id_; }

  /// A word that is kept beside the node id: the process that wrote for this node last. Empty at first.
  Result<std::string> holder() const;
  Result<> set_holder(const std::string& holder);

  /// The records survive kill -9 when it returns (for a power cut, sync()); all or none of them. One LevelDB
  /// write and one system call for the answers that end in one turn of an event loop; waits for nothing but
  /// other appends. unavailable when there is no room: then they are not kept.
  Result<> append(const RecordGroup& group);

  /// Whether to let a new call in: false from well before an append would find no room. One relaxed load.
  bool accepting() const { return accepting_.load(std::memory_order_relaxed); }

  /// The number of the newest record; 0 when there was none.
  std::int64_t last_sequence() const { return last_sequence_.load(std::memory_order_acquire); }

  /// What was appended up to `sequence` survives a power cut when it returns. Blocks for an fsync, which
  /// callers that come meanwhile share; appends go on beside it.
  Result<> sync(std::int64_t sequence);

  /// Says what the store has already: taking starts after it, and new records are numbered above it.
  Result<> start_after(std::int64_t stored);

  /// Sets `batch` to the next records, at most `max`, in order and without a gap but for those that do not
  /// read (an alarm; their bytes are kept beside the node id). Empty when all are taken.
  Result<> take(std::size_t max, UsageBatch& batch);

  /// What was taken and not released will be taken again.
  void rewind();

  /// Everything up to `stored` is in the store and need not be kept.
  void release(std::int64_t stored);

  /// Waits until a record can be taken, at most `idle`; from then on until `enough` can be, at most `linger`.
  /// wake() ends both at once, this one or the next.
  void wait(std::size_t enough, std::chrono::milliseconds linger, std::chrono::milliseconds idle);
  void wake();

  JournalState state() const;

 private:
  struct Piece {
    std::int64_t first = 0;
    std::shared_ptr<JournalSegment> segment;
  };
  /// Records in memory, as they are on disk.
  struct Kept {
    std::int64_t first = 0;
    std::int64_t end = 0;
    std::shared_ptr<const std::string> bytes;
  };
  struct Mark {
    std::int64_t sequence = 0;
    SteadyTime at;
  };

  /// Of the folder, flock(2): it goes with the process.
  struct Lock {
    Lock() = default;
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    int descriptor = -1;
  };

  UsageJournal(JournalSettings settings, const Clock& clock, Alarm alarm);

  Result<> lock_folder();
  Result<> open_node(Random& random);
  Result<> open_segments();
  Result<std::shared_ptr<JournalSegment>> make_segment();
  void keep_room();  // the keeper's thread: makes the spare, closes what is full, deletes what is stored

  Result<> make_way(std::size_t bytes);
  void remember(const RecordGroup& group);
  std::vector<Kept> take_kept(std::size_t max);
  Result<> read_back(std::unique_lock<std::mutex>& lock, std::size_t max, RecordPage& page);
  Piece piece_of(std::int64_t sequence, std::int64_t& end) const;
  void keep_broken(const BrokenRecord& broken);
  void refresh_accepting();
  std::int64_t untaken() const { return next_ - cursor_; }

  const JournalSettings settings_;
  const Clock& clock_;
  const Alarm alarm_;
  std::string node_id_;
  Lock lock_;                          // before all that it guards, and so given back last
  std::unique_ptr<leveldb::DB> node_;  // the node's id, and records that do not read
  std::int64_t next_segment_ = 1;

  std::atomic<bool> accepting_{true};
  std::atomic<std::int64_t> last_sequence_{0};
  std::atomic<std::int64_t> lost_{0};

  mutable std::mutex mutex_;  // of everything below
  std::deque<Piece> pieces_;  // oldest first; the last one is written to
  std::shared_ptr<JournalSegment> spare_;
  std::vector<std::shared_ptr<JournalSegment>> full_;  // to be closed
  std::vector<std::shared_ptr<JournalSegment>> dead_;  // to be removed
  bool may_grow_ = true;           // below bytes_max, and the last segment that was made could be
  std::size_t written_bytes_ = 0;  // in the last piece
  std::int64_t next_ = 1;          // the number of the next record
  std::int64_t cursor_ = 1;        // the next to be taken
  std::int64_t stored_ = 0;
  std::deque<Kept> pending_;       // without a gap; the first one may be taken in part
  bool pending_is_newest_ = true;  // it ends at next_, and grows
  std::deque<Mark> marks_;         // when some of the records that are not stored came
  std::size_t waited_for_ = 0;
  bool woken_ = false;
  std::condition_variable records_came_;

  std::mutex sync_mutex_;
  std::int64_t synced_ = 0;

  bool stopping_ = false;
  std::condition_variable keeper_wakes_;
  std::thread keeper_;
};

}  // namespace relay
