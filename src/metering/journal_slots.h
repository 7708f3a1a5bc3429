// Where the servers of one data folder have their journals: while one server takes over from another, both
// write.
#pragma once

#include "metering/journal.h"
#include "store/usage_store.h"

#include <map>
#include <memory>
#include <string>

namespace relay {

/// Slots are folders beside each other: journal, journal-2, … Each is a journal with a node id and a last_seq
/// of its own, held by one process at a time; its lock goes with the process. A server takes the first that
/// is free, and stores what another one left in a slot that nobody holds. Not thread-safe, but open() and
/// store_left() may be called from different threads one after the other.
class JournalSlots {
 public:
  static constexpr int kMost = 16;  // servers that still drain, and the one that serves

  /// `settings.folder` is the first slot. `clock` and `random` must outlive it.
  JournalSlots(JournalSettings settings, const Clock& clock, Random& random, Alarm alarm);

  /// The first free slot's journal. unavailable when none is free or it can't be used. Blocks: start-up only.
  Result<std::unique_ptr<UsageJournal>> open();

  /// Stores what lies in slots that nobody holds, and how many records that were. A slot that was found empty
  /// is not looked into again until somebody has used it. The first error, after all were tried: the records
  /// are still there. Blocks.
  Result<std::int64_t> store_left(UsageStore& store);

 private:
  Result<std::int64_t> store_slot(const std::filesystem::path& folder, UsageStore& store);
  std::filesystem::path folder_of(int slot) const;

  const JournalSettings settings_;
  const Clock& clock_;
  Random& random_;
  const Alarm alarm_;
  std::map<std::filesystem::path, std::filesystem::file_time_type> empty_;  // and when it was used last
};

}  // namespace relay
