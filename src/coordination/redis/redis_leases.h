// Concurrency leases of all nodes together, in Redis.
#pragma once

#include "coordination/lease.h"
#include "coordination/redis/node_link.h"

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace relay {

/// Each node leases slots of a subject: a field of its own in the hash `{<prefix>:lease:<subject>}`, with the
/// time at which it ends, 30 s after the node spoke last; renewed every 10 s while it has slots. Slots are
/// taken limit/8 (one at least) at a time; that many, but none of a limit under 8, are kept when calls end,
/// for a second. What is over goes back at once, behind the calls' backs.
///
/// - While Redis is there the calls of all nodes are never over the limit.
/// - A call is refused too early by no more than what other nodes keep, (k-1)*limit/8 slots, for 1.5 s; one
/// that is
///   refused asks again after 10 and 30 ms, for a slot that is on its way back; a refusal is remembered for
///   20 ms.
/// - A node that dies frees its slots when its lease ends.
/// - While Redis is away a node goes on with the slots it has until their lease ends, and lets its share of
/// the
///   limit run (limit / nodes, one at least). When Redis is back it is told what runs, be it over the limit;
///   calls begin when there is room again. It is told within a quarter of a second of its first answer, in
///   which shares still count: what a node takes of a Redis that lost its data before others have told may be
///   over the limit.
///
/// Memory: subjects with running calls, and those that had one in the last seconds.
class RedisLeases final : public ConcurrencyLeases {
 public:
  struct Settings {
    std::chrono::milliseconds lease{30'000};
    std::chrono::milliseconds renewed_after{10'000};
  };
  /// Before link.start(). Both must outlive it, and the link is stopped before it goes.
  RedisLeases(NodeLink& link, const Clock& clock) : RedisLeases(link, clock, Settings()) {}
  RedisLeases(NodeLink& link, const Clock& clock, Settings settings);

  std::optional<Lease> try_acquire(std::string_view subject, std::int64_t limit) override;
  Awaitable<Lease> acquire(std::string subject, std::int64_t limit) override;

  std::size_t size() const;

 private:
  struct Subject {
    std::int64_t limit = 0;
    std::int64_t running = 0;
    std::int64_t held = 0;  // slots that Redis has as ours; fewer than run when Redis was away
    std::size_t asks = 0;   // on their way
    bool fetching = false;  // one of them for a piece
    bool unsure = false;    // what Redis has of it is not known: it must be told
    SteadyTime spoke_at;    // before the last question that was answered
    SteadyTime refused_until;
    SteadyTime used_at;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Subjects = std::unordered_map<std::string, Subject, Hash, std::equal_to<>>;
  using Entry = Subjects::value_type;  // its address stays while it runs or asks
  struct Shard {
    mutable std::mutex mutex;
    Subjects subjects;
  };
  /// What is said to Redis: a change of the slots, or what they are.
  struct Word {
    std::string_view command;  // "take", "give" or "set"
    std::int64_t count = 0;
    std::int64_t limit = 0;
    std::int64_t sequence = 0;
    SteadyTime spoken_at;
  };
  static constexpr std::size_t kShards = 64;

  void give_back(void* slot) override;
  Shard& shard_of(std::string_view subject) { return shards_[Hash{}(subject) % kShards]; }
  static Entry& entry_of(Shard& shard, std::string_view name, std::int64_t limit);
  std::optional<Lease> decide(Entry& entry, SteadyTime now);
  Lease by_share(Entry& entry);
  Lease run(Entry& entry);
  Word word_of(Subject& subject, std::string_view command, std::int64_t count, SteadyTime now);
  Task<RedisReply> say(std::string name, Word word);
  static bool note_answer(Subject& subject, const Word& word, const Result<RedisReply>& reply);
  Awaitable<std::optional<Lease>> ask(Entry& entry, bool is_last);
  Awaitable<void> say_behind(std::string name, Word word);
  void speak(Entry& entry, std::string_view command, std::int64_t count, SteadyTime now);
  bool sweep(Entry& entry, SteadyTime now);
  void sweep();
  void doubt_all();

  NodeLink& link_;
  const Clock& clock_;
  const Settings settings_;
  const std::chrono::milliseconds held_surely_;  // by our clock, whatever the answers took
  std::atomic<std::int64_t> sequence_{
      0};  // of all words: a subject may be forgotten, and known to Redis still
  std::array<Shard, kShards> shards_;
};

}  // namespace relay
