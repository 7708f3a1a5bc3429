// Limits and budgets of all nodes together, in Redis.
#pragma once

#include "coordination/memory/memory_quotas.h"
#include "coordination/redis/node_link.h"

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace relay {

/// All counts of a user, those of all keys included, are one hash `{<prefix>:quota:<user>}`; what calls hold
/// is in it too, and when each hold ends in `{…}:holds`. A call that has such limits asks Redis once: one
/// script checks all of them and takes. It is settled behind the call's back, before its last bytes leave.
///
/// - While Redis is there no limit is passed, over all nodes, by more than the call that was let in last.
/// - A hold lasts 60 s and is renewed every 20 s: what a node holds that dies is free within 60 s. A call
///   whose hold has ended is settled all the same; each once, however often it is told.
/// - What Redis does not know (it lost its data, or nobody asked in 40 days) is made anew from the history,
///   without the calls that run then and those of other nodes that the store does not have yet.
/// - While Redis is away a node lets its share pass: of each limit what was left when it asked last, by the
///   number of nodes (of what it never asked for, the whole of it), and nobody else's calls count. What it
///   let pass is told when Redis is back. A limit may so be passed by what was let in between a node's last
///   question and the outage. The question that went unanswered counts too, if Redis comes to read it.
/// - A node that is killed may not have told of the calls of its last milliseconds: they count when the
///   window is made anew.
///
/// Money is exact up to 9,000,000 USD in a window.
class RedisQuotas final : public Quotas {
 public:
  struct Settings {
    std::chrono::milliseconds lease{60'000};
    std::chrono::milliseconds renewed_after{20'000};
  };
  /// Before link.start(). All must outlive it, and the link is stopped before it goes.
  RedisQuotas(NodeLink& link, QuotaHistory& history, const Clock& clock)
      : RedisQuotas(link, history, clock, Settings()) {}
  RedisQuotas(NodeLink& link, QuotaHistory& history, const Clock& clock, Settings settings);
  ~RedisQuotas() override;

  QuotaDecision try_reserve(const QuotaCall& call, WallTime now) override;
  Task<QuotaDecision> reserve(const QuotaCall& call, WallTime now) override;
  Task<QuotaDecision> look(const QuotaCall& call, WallTime now) override;
  void count(const QuotaCall& call, std::int64_t tokens, std::int64_t nano_usd) override;

  /// Waits until what was settled has been told, at most `patience`. Before the link stops; blocks.
  void flush(std::chrono::milliseconds patience) const;

 private:
  /// A count that a hold is settled in.
  struct Held {
    std::string field;
    std::string starts_at;  // "-" for a bucket
    std::int64_t amount = 0;
    QuotaKind kind{};
  };
  struct Hold {
    std::string user_id;
    std::string id;
    std::vector<Held> held;
    QuotaHold alone{};  // when Redis was away: it knows nothing of the hold
    SteadyTime renewed_at{};
  };
  /// What Redis said last of a user's counts.
  struct Heard {
    struct Count {
      WallTime starts_at{};
      std::int64_t taken = 0;
    };
    std::unordered_map<std::string, Count> counts;
    SteadyTime at{};
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_set<Hold*> holds;
    std::unordered_map<std::string, Heard> heard;
  };
  struct Word {
    std::string user_id;
    std::vector<std::string> args;
  };
  /// While Redis is away nothing is known of before: the share begins at nothing.
  class Nothing final : public QuotaHistory {
   public:
    Task<QuotaSums> sums(std::string, std::string, WallTime) override { co_return QuotaSums{}; }
  };
  static constexpr std::size_t kShards = 64;

  Shard& shard_of(std::string_view user_id) {
    return shards_[std::hash<std::string_view>{}(user_id) % kShards];
  }
  Task<QuotaDecision> decide(const QuotaCall& call, WallTime now, bool takes);
  Task<QuotaDecision> decide_alone(const QuotaCall& call, WallTime now, bool takes);
  Task<> learn(const QuotaCall& call, std::vector<std::size_t> unknown);
  QuotaDecision to_decision(const QuotaCall& call, const RedisReply& reply, std::string id, bool takes);
  void note(const QuotaCall& call, const QuotaDecision& decision);
  QuotaHold keep(const QuotaCall& call, std::string id, QuotaHold alone);
  std::string next_id();
  void settle(void* slot, std::int64_t tokens, std::int64_t nano_usd) override;
  void tell_behind(Word word);
  Awaitable<void> tell(Word word);
  Awaitable<void> tell_backlog();
  Awaitable<void> renew(std::vector<Word> words);
  void sweep();

  NodeLink& link_;
  QuotaHistory& history_;
  const Clock& clock_;
  const Settings settings_;
  Nothing nothing_;
  MemoryQuotas alone_{nothing_};
  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<std::size_t> untold_{0};  // on their way
  std::array<Shard, kShards> shards_;
  SteadyTime swept_at_{};     // the loop's
  std::deque<Word> backlog_;  // the loop's: settled while Redis was away, or perhaps not told
  bool telling_ = false;      // the loop's
};

}  // namespace relay
