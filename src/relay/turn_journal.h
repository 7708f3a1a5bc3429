// The usage records of one turn of the event loop, written to the journal in one go.
#pragma once

#include "async/blocking_pool.h"
#include "metering/journal.h"

#include <string>
#include <vector>

namespace relay {

/// One per worker; on its thread. Answers that end in the same turn share one journal write, which is
/// most of what a write costs. Whoever must not show an answer's end before its record is safe awaits
/// written(); it comes back at the end of the turn, with JOURNAL_SYNC=group after the fsync too.
class TurnJournal {
 public:
  /// `sync_pool`: null for JOURNAL_SYNC=off, else a pool of one thread that is used for nothing else. All
  /// must outlive it.
  TurnJournal(UsageJournal& journal, IoExecutor executor, BlockingPool* sync_pool)
      : journal_(journal), executor_(executor), sync_pool_(sync_pool) {}
  TurnJournal(const TurnJournal&) = delete;
  TurnJournal& operator=(const TurnJournal&) = delete;

  /// Takes a record; it is written at the end of this turn.
  void add(UsageRecord record);

  /// Comes back when everything added so far has been written. A journal that takes nothing more is no
  /// reason to cut an answer that was paid for: the records are in the log then, and admit refuses the
  /// next call.
  Awaitable<void> written();

  /// Writes at once what has been added, without a sync: before the event loop ends.
  void flush();

 private:
  using Waiter = boost::asio::async_result<boost::asio::use_awaitable_t<IoExecutor>, void()>::handler_type;

  Awaitable<void> suspend();
  void end_turn();
  Awaitable<void> sync_and_resume(std::vector<Waiter> waiters);
  void append(std::vector<UsageRecord>& records);

  UsageJournal& journal_;
  IoExecutor executor_;
  BlockingPool* sync_pool_;
  std::vector<UsageRecord> records_;
  std::vector<Waiter> waiters_;
  bool turn_ends_ = false;  // end_turn() has been posted
};

}  // namespace relay
