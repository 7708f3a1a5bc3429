// Limits and budgets of one node.
#pragma once

#include "coordination/quota.h"

#include <array>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace relay {

/// Sharded by user, so that a user's limits, those of all keys included, lie under one short lock. What
/// nobody asked for in two hours is forgotten when its calls have ended, and made anew from the history.
///
/// A call that runs over the start of a window is counted in the window that it began in.
class MemoryQuotas final : public Quotas {
 public:
  /// Must outlive it.
  explicit MemoryQuotas(QuotaHistory& history) : history_(history) {}
  ~MemoryQuotas() override;

  QuotaDecision try_reserve(const QuotaCall& call, WallTime now) override;
  Task<QuotaDecision> reserve(const QuotaCall& call, WallTime now) override;
  Task<QuotaDecision> look(const QuotaCall& call, WallTime now) override;
  void count(const QuotaCall& call, std::int64_t tokens, std::int64_t nano_usd) override;

  /// Counts begin at nothing; what is held stays.
  void forget_used();
  /// Users that it knows of.
  std::size_t size() const;

 private:
  struct Counter {
    WallTime starts_at{WallTime::min()};  // of the window; of a bucket: up to when it has been emptied
    std::int64_t used = 0;
    std::int64_t held = 0;
    bool known = false;
  };
  struct Counters {
    std::array<Counter, kQuotaKinds> of_kind{};
    WallTime since{WallTime::max()};  // what begins later begins at nothing
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct User {
    Counters own;
    Counters of_plan;
    std::unordered_map<std::string, Counters, Hash, std::equal_to<>> keys;
    std::size_t holds = 0;
    WallTime asked_at{};
  };
  using Users = std::unordered_map<std::string, User, Hash, std::equal_to<>>;
  /// Where the counters of one call are.
  struct Place {
    Users::value_type& user;
    Counters* of_key;  // null when it has no limit of the key
  };
  struct Shard {
    mutable std::mutex mutex;
    Users users;
    WallTime swept_at{};
  };
  /// What a hold is settled by. A counter's place is its own while the user has holds.
  struct Held {
    Counter* counter = nullptr;
    QuotaKind kind{};
    std::int64_t amount = 0;
    WallTime starts_at{};
  };
  struct Hold {
    Shard* shard = nullptr;
    Users::value_type* user = nullptr;
    std::array<Held, QuotaCall::kLimitsMax> held;  // the first `count`
    std::size_t count = 0;
  };
  static constexpr std::size_t kShards = 64;

  Shard& shard_of(std::string_view user_id) { return shards_[Hash{}(user_id) % kShards]; }
  static Place place_of(Shard& shard, const QuotaCall& call, WallTime now);
  static Counter& counter_of(const Place& place, const QuotaLimit& limit, WallTime now);
  static void sweep(Shard& shard, WallTime now);
  QuotaDecision decide(const QuotaCall& call, WallTime now, bool takes);
  Task<> learn(const QuotaCall& call, WallTime now);
  Task<QuotaDecision> decide_knowing(const QuotaCall& call, WallTime now, bool takes);
  void settle(void* slot, std::int64_t tokens, std::int64_t nano_usd) override;

  QuotaHistory& history_;
  std::array<Shard, kShards> shards_;
};

}  // namespace relay
