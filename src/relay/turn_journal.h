// The usage records of one turn of the event loop, written to the journal in one go.
#pragma once

#include "async/blocking_pool.h"
#include "metering/journal.h"
#include "net/turn_io.h"

#include <vector>

namespace relay {

/// One per worker; on its thread. Answers that end in the same turn share one journal write, which is
/// most of what a write costs. Whoever must not show an answer's end before its record is safe awaits
/// written(); it comes back at the end of the turn, with JOURNAL_SYNC=group after the fsync too.
class TurnJournal {
 public:
  /// `sync_pool`: null for JOURNAL_SYNC=off, else a pool of one thread that is used for nothing else. All
  /// must outlive it.
  TurnJournal(UsageJournal& journal, IoExecutor executor, TurnIo& turn_io, BlockingPool* sync_pool)
      : journal_(journal), executor_(executor), turn_io_(turn_io), sync_pool_(sync_pool) {}
  TurnJournal(const TurnJournal&) = delete;
  TurnJournal& operator=(const TurnJournal&) = delete;

  /// Copies a record; it is written at the end of this turn.
  void add(const UsageRecordView& record);

  /// Comes back when everything added so far has been written. A journal that takes nothing more is no
  /// reason to cut an answer that was paid for: the records are in the log then, and admit refuses the
  /// next call.
  Awaitable<void> written();

  /// The same, and then writes `bytes` to the stream, together with what the others write who waited. Both
  /// must live until it comes back; `outcome` is what try_write() would say.
  Awaitable<void> written_and_sent(Stream& stream, std::string_view bytes, WriteOutcome& outcome);

  /// Writes at once what has been added, without a sync: before the event loop ends.
  void flush();

 private:
  using Waiter = TurnIo::Waiter;

  // Who waits for the journal: some have an answer's end to send.
  struct Waiters {
    std::vector<Waiter> to_resume;
    std::vector<TurnIo::Write> to_send;
    bool empty() const { return to_resume.empty() && to_send.empty(); }
  };

  Awaitable<void> suspend();
  void end_turn();
  Awaitable<void> sync_and_resume(Waiters waiters);
  void resume_all(Waiters waiters);
  void append();

  UsageJournal& journal_;
  IoExecutor executor_;
  TurnIo& turn_io_;
  BlockingPool* sync_pool_;
  RecordGroup group_;
  Waiters waiters_;
  bool turn_ends_ = false;  // end_turn() has been posted
};

}  // namespace relay
