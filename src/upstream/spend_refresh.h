// Keeps what accounts have spent today true over restarts and nodes: from the store, and beside it what this
// process has settled that is not there yet.
#pragma once

#include "async/refresh_thread.h"
#include "base/clock.h"
#include "store/usage_store.h"
#include "upstream/accounts_in_force.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace relay {

/// One thread that marks what this process has settled, reads the store's sums a second later, when the
/// journal has mostly been stored up to the mark, and takes for spent: what the store has, and what was
/// settled since the newest mark up to which it has all. So every 12 s.
///
/// How far that is from the truth: what other nodes settle counts when they have stored it (a second) and the
/// next reading is done (12 s). What this process settles counts at once; what it settled and stored between
/// the mark and the reading counts twice until the next reading. What is settled in the very moment of a
/// mark, or an account that has just come into force, may be missing for as long. While the store is away
/// what was read last stays, and this process adds to it. The day is that in which a call began, UTC. Nobody
/// who makes a call waits for it.
class SpendRefresh {
 public:
  struct Parts {  // what is a reference must outlive it
    UsageStore& usage;
    const AccountsInForce& in_force;
    const Clock& clock;
    std::string node_id{};                          // of this process's journal
    std::function<std::int64_t()> newest_record{};  // the number of its newest record; thread-safe
  };
  explicit SpendRefresh(Parts parts);
  SpendRefresh(const SpendRefresh&) = delete;
  SpendRefresh& operator=(const SpendRefresh&) = delete;

  void start() { thread_.start(); }
  /// Before the store stops. May be called twice.
  void stop() { thread_.stop(); }

  /// The two steps of the thread; before start(), or instead of it.
  void mark();
  /// unavailable when the store is away: all stays as it was.
  Task<> read();

 private:
  struct Mark {
    std::int64_t newest_record = 0;
    WallTime at;
    std::vector<std::pair<std::shared_ptr<const AccountState>, NanoUsd>> settled{};
    NanoUsd of(const AccountState& state) const;
  };

  Task<> step();
  const Mark* newest_mark_stored(std::int64_t stored);

  const Parts parts_;
  std::deque<Mark> marks_;  // oldest first
  bool is_marked_ = false;
  RefreshThread thread_;  // last: it ends before what it reads into
};

}  // namespace relay
