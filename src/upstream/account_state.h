// What this process knows of an account beside its settings: what it is doing, how fast it answers, why it
// rests, what it spent today.
#pragma once

#include "base/clock.h"
#include "coordination/rest_channel.h"
#include "domain/money.h"
#include "domain/usage_record.h"
#include "upstream/rest_rules.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// An answer with which an account went to rest, as it came: for those who call while all rest.
struct KeptFailure {
  std::string bytes;  // head and whole body, at most kKeptFailureBytesMax
  WireDialect dialect = WireDialect::anthropic_messages;
};
inline constexpr std::size_t kKeptFailureBytesMax = 16 * 1024;

/// A rest as it is shown.
struct RestShown {
  std::string family;  // empty: the whole account
  RestReason reason = RestReason::server_errors;
  WallTime since, until;
  int failures = 0;
  bool is_probing = false;   // its time is up, and one call tries
  std::string heard_from{};  // the node that said so; empty: this one
};

/// One for each account id, for as long as anybody looks at it: kept when the account's settings change.
/// Thread-safe. An account that nothing failed at costs no lock.
class AccountState {
 public:
  enum class Gate : std::uint8_t {
    open,
    probe,    // the rest is over: one call may try, whoever takes it with begin_probe()
    resting,  // or somebody is trying
  };

  // Load.
  /// Counts a call, unless it is one more than `most` (0: no limit).
  bool try_begin(int most);
  void end() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }
  int in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

  // Latency, from the request to the answer's head, streams and whole answers apart: PeakEWMA. A slower
  // answer counts at once, faster ones and time itself take it back, with a time constant of 10 s.
  void saw_latency(bool streamed, std::chrono::milliseconds latency, SteadyTime now);
  /// 0: not known, or long ago.
  double latency_ms(bool streamed, SteadyTime now) const;

  // Rest.
  Gate gate(std::string_view family, SteadyTime now) const;
  /// False: another call was first. Who gets true calls report() or end_probe().
  bool begin_probe(std::string_view family, SteadyTime now);
  void end_probe(std::string_view family);
  struct Report {
    std::string_view family;
    AttemptSign sign;
    bool is_probe = false;
    SteadyTime began;  // of the attempt: what began before the rest did is no news
    SteadyTime now;
    WallTime wall_now;
    std::shared_ptr<const KeptFailure> failure = nullptr;
  };
  /// The rest that has begun with it, if one has.
  std::optional<RestShown> report(const Report& report, Random& random);
  /// What another node has seen; of a reason that is not known nothing is taken. No rest becomes shorter by
  /// it.
  void hear(const RestNews& news, std::string node, SteadyTime now, WallTime wall_now);
  /// When a call of this family may come again, and what the provider said: nothing while it does not rest.
  struct Rest {
    SteadyTime until;
    std::shared_ptr<const KeptFailure> failure;
  };
  std::optional<Rest> resting(std::string_view family, SteadyTime now) const;
  std::vector<RestShown> rests() const;

  // Spending, of a UTC day.
  /// What this process settles, of a call that began then; of a day that is over nothing counts.
  void spend(NanoUsd cost, WallTime began);
  NanoUsd settled_on(WallTime at) const;
  /// What counts on that day beside all that this process settled: upstream/spend_refresh.h. May be below 0.
  void know_stored(WallTime at, NanoUsd beside);
  NanoUsd spent_today(WallTime now) const;

 private:
  struct Entry {
    RestReason reason = RestReason::server_errors;
    bool is_resting = false;  // false: errors are counted only
    SteadyTime since{}, until{};
    WallTime since_wall{}, until_wall{};
    int failures = 0;
    int errors = 0;
    SteadyTime first_error{};
    std::optional<SteadyTime> probing_since{};
    std::shared_ptr<const KeptFailure> failure{};
    std::string heard_from{};
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  static Gate gate_of(const Entry& entry, SteadyTime now);
  const Entry* find(std::string_view family) const;
  Entry* find(std::string_view family);
  void passed(const Report& report);
  void begin_rest(Entry& entry, RestReason reason, std::chrono::milliseconds time, SteadyTime now,
                  WallTime wall_now);
  void make_room();
  void note_clear() { clear_.store(entries_.empty(), std::memory_order_release); }

  std::atomic<int> in_flight_{0};
  std::atomic<std::uint64_t> latency_[2]{};  // milliseconds as a float, and when, in 10 ms
  std::atomic<bool> clear_{true};            // nothing failed: nobody has to take the lock
  mutable std::mutex mutex_;                 // of the entries
  Entries entries_;                          // by family; "" is the whole account
  std::atomic<std::int64_t> spend_day_{0};
  std::atomic<NanoUsd> spent_{0};
  std::atomic<std::int64_t> stored_day_{0};
  std::atomic<NanoUsd> stored_beside_{0};
};

}  // namespace relay
