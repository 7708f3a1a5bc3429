#include "metering/journal_slots.h"

#include "metering/usage_writer.h"

#include <utility>

namespace relay {

namespace fs = std::filesystem;

JournalSlots::JournalSlots(JournalSettings settings, const Clock& clock, Random& random, Alarm alarm)
    : settings_(std::move(settings)), clock_(clock), random_(random), alarm_(std::move(alarm)) {}

fs::path JournalSlots::folder_of(int slot) const {
  if (slot == 1) return settings_.folder;
  return settings_.folder.string() + "-" + std::to_string(slot);
}

Result<std::unique_ptr<UsageJournal>> JournalSlots::open() {
  for (int slot = 1;; ++slot) {
    auto settings = settings_;
    settings.folder = folder_of(slot);
    auto opened = UsageJournal::open(std::move(settings), clock_, random_, alarm_);
    const bool held = opened.has_error() && opened.error().code() == kJournalHeld;
    if (!held || slot == kMost) return opened;
  }
}

Result<std::int64_t> JournalSlots::store_left(UsageStore& store) {
  std::int64_t records = 0;
  Result<> outcome;
  for (int slot = 1; slot <= kMost; ++slot) {
    const auto folder = folder_of(slot);
    std::error_code missing;
    const auto used_at = fs::last_write_time(folder, missing);
    if (missing) continue;
    if (const auto seen = empty_.find(folder); seen != empty_.end() && seen->second == used_at) continue;
    auto stored = store_slot(folder, store);
    if (stored.has_value()) {
      records += *stored;
    } else if (stored.error().code() != kJournalHeld && outcome.has_value()) {
      outcome = std::move(stored).error();
    }
  }
  if (outcome.has_error()) return std::move(outcome).error();
  return records;
}

Result<std::int64_t> JournalSlots::store_slot(const fs::path& folder, UsageStore& store) {
  auto settings = settings_;
  settings.folder = folder;
  std::int64_t records = 0;
  {
    TRY(const auto journal, UsageJournal::open(std::move(settings), clock_, random_, alarm_));
    UsageWriter writer(
        {.journal = *journal, .store = store, .clock = clock_, .random = random_, .alarm = alarm_});
    CHECK(writer.start());
    writer.stop();
    records = writer.state().stored_records;
    if (journal->state().backlog_records > 0) {
      return Error(ErrorKind::unavailable, "usage_left", "Usage of another process waits for the store")
          .because(writer.state().last_error);
    }
  }
  std::error_code ignored;
  empty_[folder] = fs::last_write_time(folder, ignored);
  return records;
}

}  // namespace relay
