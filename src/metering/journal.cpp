#include "metering/journal.h"

#include "metering/journal_segment.h"

#include <algorithm>
#include <cassert>

namespace relay {
namespace {

// LevelDB's own bytes around a group: key, lengths, log headers.
constexpr std::size_t kOverheadBytes = 64;
constexpr std::chrono::milliseconds kMarkEvery{250};
constexpr std::size_t kMarksMax = 4096;
constexpr std::size_t kGrowTimes = 4;

}  // namespace

Result<> UsageJournal::append(const RecordGroup& group) {
  if (group.empty()) return ok;
  // One lock around number and write: were a later number on disk first, the writer could store it and move
  // last_seq past a record that comes after.
  const std::lock_guard lock(mutex_);
  const auto bytes = group.bytes().size() + kOverheadBytes;
  CHECK(make_way(bytes));
  const auto after = next_ + group.count();
  if (auto written = pieces_.back().segment->write(group, after - 1); written.has_error()) {
    written_bytes_ =
        kGrowTimes * settings_.segment_bytes;  // the next goes to another segment, under the same number
    refresh_accepting();
    return written;
  }
  written_bytes_ += bytes;
  if (spare_ == nullptr) refresh_accepting();
  remember(group);
  next_ = after;
  last_sequence_.store(next_ - 1, std::memory_order_release);
  if (waited_for_ != 0 && untaken() >= static_cast<std::int64_t>(waited_for_)) records_came_.notify_one();
  return ok;
}

Result<> UsageJournal::make_way(std::size_t bytes) {
  if (written_bytes_ == 0 || written_bytes_ + bytes <= settings_.segment_bytes) return ok;
  if (spare_ == nullptr) {
    // The keeper makes one every few milliseconds at the most. Until then the segment grows by itself, and in
    // a full journal too, for the calls that are in; where there is no room for that, the write below says
    // so.
    if (written_bytes_ + bytes <= kGrowTimes * settings_.segment_bytes) return ok;
    accepting_.store(false, std::memory_order_relaxed);
    keeper_wakes_.notify_one();
    return journal_unavailable("full, or no room on the disk");
  }
  CHECK(spare_->begin(next_));
  full_.push_back(pieces_.back().segment);
  pieces_.push_back({.first = next_, .segment = std::move(spare_)});
  spare_ = nullptr;
  written_bytes_ = 0;
  refresh_accepting();
  keeper_wakes_.notify_one();
  return ok;
}

// Keeps the records in memory too, so that they need not be read back; while there is room for them.
void UsageJournal::remember(const RecordGroup& group) {
  const auto now = clock_.steady_now();
  if (marks_.empty() || (now - marks_.back().at >= kMarkEvery && marks_.size() < kMarksMax)) {
    marks_.push_back({.sequence = next_, .at = now});
  }
  const auto end = next_ + group.count();
  const auto kept = end - (pending_.empty() ? next_ : pending_.front().first);
  if (kept > static_cast<std::int64_t>(settings_.records_in_memory)) pending_is_newest_ = false;
  if (!pending_is_newest_) return;
  pending_.push_back({next_, end, std::make_shared<const std::string>(group.bytes())});
}

Result<> UsageJournal::start_after(std::int64_t stored) {
  const std::lock_guard lock(mutex_);
  if (stored >= next_) {
    // The journal is older than the store: a copy, or its folder was put back. Its next numbers are taken.
    alarm_("The usage journal was behind the store (record " + std::to_string(next_ - 1) + ", stored " +
           std::to_string(stored) + "): it goes on after what is stored");
    next_ = stored + 1;
    last_sequence_.store(stored, std::memory_order_release);
  }
  stored_ = std::max(stored, pieces_.front().first - 1);
  cursor_ = stored_ + 1;
  while (!pending_.empty() && pending_.front().end <= cursor_) pending_.pop_front();
  if (untaken() == 0) marks_.clear();
  while (pieces_.size() > 1 && pieces_[1].first <= cursor_) {
    dead_.push_back(std::move(pieces_.front().segment));
    pieces_.pop_front();
  }
  keeper_wakes_.notify_one();
  return ok;
}

UsageJournal::Piece UsageJournal::piece_of(std::int64_t sequence, std::int64_t& end) const {
  auto next = std::upper_bound(pieces_.begin(), pieces_.end(), sequence,
                               [](std::int64_t wanted, const Piece& piece) { return wanted < piece.first; });
  if (next != pieces_.end()) end = std::min(end, next->first);
  return *std::prev(next);
}

Result<> UsageJournal::take(std::size_t max, UsageBatch& batch) {
  batch.clear();
  std::unique_lock lock(mutex_);
  while (cursor_ < next_ && batch.records.empty()) {
    RecordPage page{.batch = batch};
    if (!pending_.empty() && pending_.front().first <= cursor_) {
      const auto from = cursor_;
      const auto kept = take_kept(max);
      const auto end = cursor_;
      lock.unlock();
      for (const auto& group : kept) read_group(group.bytes, group.first, from, end, page);
    } else {
      // Not in memory (after a restart, a failed batch, an overflow): from disk.
      CHECK(read_back(lock, max, page));
    }
    for (const auto& broken : page.broken) keep_broken(broken);
    lock.lock();
  }
  return ok;
}

std::vector<UsageJournal::Kept> UsageJournal::take_kept(std::size_t max) {
  std::vector<Kept> taken;
  const auto end = cursor_ + static_cast<std::int64_t>(max);
  while (!pending_.empty() && pending_.front().first < end) {
    taken.push_back(pending_.front());
    if (pending_.front().end > end) break;
    pending_.pop_front();
  }
  cursor_ = std::min(end, taken.back().end);
  if (cursor_ == next_) pending_is_newest_ = true;
  return taken;
}

// Unlocks, so as not to hold up appends.
Result<> UsageJournal::read_back(std::unique_lock<std::mutex>& lock, std::size_t max, RecordPage& page) {
  const auto from = cursor_;
  auto end = pending_.empty() ? next_ : pending_.front().first;
  const auto piece = piece_of(from, end);
  lock.unlock();
  std::int64_t next = from;
  CHECK(piece.segment->read(from, std::min(end, from + static_cast<std::int64_t>(max)), page, next));
  const auto after = next == from ? end : next;
  const auto read = static_cast<std::int64_t>(page.batch.records.size() + page.broken.size());
  if (after - from != read) {
    lost_ += after - from - read;
    alarm_("The usage journal has lost " + std::to_string(after - from - read) + " records from number " +
           std::to_string(from) + " on: a fault of the disk or of its file system");
  }
  lock.lock();
  cursor_ = after;
  if (cursor_ == next_) pending_is_newest_ = true;
  lock.unlock();
  return ok;
}

void UsageJournal::rewind() {
  const std::lock_guard lock(mutex_);
  cursor_ = stored_ + 1;
}

void UsageJournal::release(std::int64_t stored) {
  const std::lock_guard lock(mutex_);
  assert(stored < cursor_);
  stored_ = std::max(stored_, stored);
  if (stored_ + 1 == next_) marks_.clear();
  while (marks_.size() > 1 && marks_[1].sequence <= stored_ + 1) marks_.pop_front();
  const auto before = pieces_.size();
  while (pieces_.size() > 1 && pieces_[1].first <= stored_ + 1) {
    dead_.push_back(std::move(pieces_.front().segment));
    pieces_.pop_front();
  }
  if (pieces_.size() != before) keeper_wakes_.notify_one();
}

void UsageJournal::wait(std::size_t enough, std::chrono::milliseconds linger,
                        std::chrono::milliseconds idle) {
  std::unique_lock lock(mutex_);
  const auto wait_for = [&](std::size_t count, std::chrono::milliseconds limit) {
    waited_for_ = count;
    records_came_.wait_for(lock, limit,
                           [&] { return woken_ || untaken() >= static_cast<std::int64_t>(count); });
    waited_for_ = 0;
  };
  wait_for(1, idle);
  if (!woken_ && untaken() > 0) wait_for(enough, linger);
  woken_ = false;
}

void UsageJournal::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  records_came_.notify_all();
}

Result<> UsageJournal::sync(std::int64_t sequence) {
  const std::lock_guard one_at_a_time(sync_mutex_);
  if (sequence <= synced_) return ok;
  std::vector<std::shared_ptr<JournalSegment>> segments;
  std::int64_t through = 0;
  {
    const std::lock_guard lock(mutex_);
    through = next_ - 1;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (i + 1 == pieces_.size() || pieces_[i + 1].first > synced_ + 1)
        segments.push_back(pieces_[i].segment);
    }
  }
  for (const auto& segment : segments) CHECK(segment->sync());
  synced_ = through;
  return ok;
}

JournalState UsageJournal::state() const {
  const auto now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  JournalState state;
  state.backlog_records = next_ - 1 - stored_;
  if (state.backlog_records > 0 && !marks_.empty()) {
    state.oldest_age = std::chrono::duration_cast<std::chrono::milliseconds>(now - marks_.front().at);
  }
  state.lost_records = lost_.load();
  state.bytes = static_cast<std::int64_t>((pieces_.size() + (spare_ ? 1 : 0)) * settings_.segment_bytes);
  state.accepting = accepting();
  return state;
}

void UsageJournal::refresh_accepting() {
  // A quarter of a segment, some thousand records, is for the calls that are in.
  const auto limit = (may_grow_ ? kGrowTimes : 1) * settings_.segment_bytes;
  const bool room_left = written_bytes_ + settings_.segment_bytes / 4 <= limit;
  accepting_.store(spare_ != nullptr || room_left, std::memory_order_relaxed);
}

}  // namespace relay
