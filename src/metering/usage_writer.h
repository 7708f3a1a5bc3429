// Brings usage from the node's journal into the store, in order and exactly once.
#pragma once

#include "async/own_loop.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "metering/journal.h"
#include "store/usage_store.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace relay {

struct UsageWriterSettings {
  std::size_t batch_max = 2000;
  std::chrono::milliseconds linger{500};    // how long a record waits for others before its batch is stored
  std::chrono::milliseconds lease{60'000};  // of the node id; renewed when a third has passed
  std::chrono::milliseconds retry_first{100};  // after a failure; doubles
  std::chrono::milliseconds retry_most{5'000};
  std::chrono::milliseconds drain_limit{10'000};    // of stop()
  std::chrono::milliseconds catch_up_limit{3'000};  // of start()
};

struct UsageWriterState {
  std::int64_t stored_records = 0;  // since the start
  std::int64_t failures = 0;        // since the start
  bool store_away = false;          // the last try failed
  std::string last_error;           // for the log and for operators; stays after it is over
};

/// One thread of its own, asleep while there is nothing to do. The store's blocking work runs wherever the
/// store runs it. What can go wrong between two steps, and what then:
///
///   taken, not stored      the batch is taken again; nothing was released
///   stored, not released   stored again: the store skips what is at or under last_seq
///   released, not deleted  after a restart start_after(last_seq) passes over it
///
/// A store that is away is tried again for ever, with an alarm when it goes and when it is back.
class UsageWriter {
 public:
  struct Parts {
    UsageJournal& journal;
    UsageStore& store;
    const Clock& clock;
    Random& random;
    Alarm alarm;
  };

  /// All of `parts` outlive it.
  explicit UsageWriter(Parts parts, UsageWriterSettings settings = {});
  ~UsageWriter();  // stop()
  UsageWriter(const UsageWriter&) = delete;
  UsageWriter& operator=(const UsageWriter&) = delete;

  /// Leases the node id, sets the journal's start, stores what the process before left in it (3 s at most of
  /// that: budgets count what is stored) and begins to store. Before the first append. conflict
  /// "node_held" when another live process writes for this node (its journal was copied, or is mounted
  /// twice); unavailable when the store is away. Blocks: start-up only.
  Result<> start();

  /// Stores what is in the journal, until drain_limit has passed, gives the lease back and ends the thread.
  /// What is left stays in the journal. Before the store stops. Blocks. May be called twice.
  void stop();

  UsageWriterState state() const;

  /// What the thread does without start(), for tests: leases and reads last_seq; one batch (how many
  /// records).
  Result<> prepare();
  Result<std::size_t> store_batch();

 private:
  void run();
  void catch_up();
  void drain();
  bool renew_lease();
  void note_failure(const Error& error, std::string_view doing);
  void note_success(std::size_t records);
  void pause();

  const Parts parts_;
  const UsageWriterSettings settings_;
  std::string holder_;
  std::shared_ptr<UsageBatch> batch_;
  SteadyTime renew_at_{};
  std::chrono::milliseconds retry_in_{};
  OwnLoop loop_;

  mutable std::mutex mutex_;  // of everything below
  std::condition_variable stop_came_;
  bool stopping_ = false;
  UsageWriterState state_;

  std::thread thread_;
};

}  // namespace relay
