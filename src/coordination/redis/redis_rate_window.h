// Rate windows of all nodes together, in Redis.
#pragma once

#include "coordination/rate_window.h"
#include "coordination/redis/node_link.h"

#include <array>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace relay {

/// GCRA in one script, by the server's clock, on one key for each subject. Redis is not on every call's way:
/// a node fetches credits in pieces of c = limit/20 (1 to 50), spends them without asking, fetches more
/// behind the calls' backs when half is spent, and gives back what it has not spent within a second.
///
/// The bound, for a limit of N a minute over k nodes:
/// - While Redis is there, in any T seconds at most N + N*T/60 + min(k*c, N/60) calls pass. The last term is
///   what was taken from the window before the T seconds began and spent in them: a node holds c credits at
///   most, and none for longer than a second. From a window that is free, nothing was: then it is
///   N + N*T/60.
/// - A call is refused too early by no more than what other nodes hold, (k-1)*c credits, and a piece that is
///   on its way to its own node, c; those come back within 1.5 s. A refusal is remembered for 200 ms at most.
///   A node that took credits and dies costs its c.
/// - While Redis is away each node lets its share pass, s = N / k as seen last and one at least: over all
///   nodes at most max(N, k) + N*T/60 in T seconds.
/// - Each time that Redis goes away or comes back adds at most N, once. Going: what a node let pass before is
///   counted in its share, so a node that had its share already passes nothing at once; it is the others'
///   shares, N*(k-1)/k, that come on top. Coming back: with its first question each node tells Redis what its
///   share let pass in the last minute, so it is only what others take before they have told, and what Redis
///   itself lost.
/// In any case, then, N + N*T/60 + min(k*c, N/60) + N for each such moment within the T seconds.
///
/// `remaining` and `reset_after` are as of the last answer of Redis, with this node's credits.
///
/// Memory: subjects that called in the last minute.
class RedisRateWindow final : public RateWindow {
 public:
  /// Before link.start(). Both must outlive it, and the link is stopped before it goes.
  RedisRateWindow(NodeLink& link, const Clock& clock);

  /// `now` is not looked at: credits age by the clock.
  std::optional<RateDecision> try_take(std::string_view subject, std::int64_t limit_per_minute,
                                       SteadyTime now) override;
  Awaitable<RateDecision> take(std::string subject, std::int64_t limit_per_minute, SteadyTime now) override;

  void give_back(std::string_view subject, std::int64_t limit_per_minute) override;
  std::size_t size() const;

  /// How many credits of a limit are fetched at a time.
  static std::int64_t piece_of(std::int64_t limit);

 private:
  struct Piece {
    std::int64_t credits = 0;
    SteadyTime asked_at;             // before Redis granted it
    std::int64_t granted_at_us = 0;  // by the server's clock
  };
  struct Subject {
    std::int64_t limit = 0;
    std::vector<Piece> pieces;  // the oldest first
    std::size_t asks = 0;       // on their way
    bool fetching = false;      // one of them for a piece
    std::int64_t left = 0;      // of the window behind what was granted, as Redis said last
    SteadyTime told_at;
    SteadyTime free_at;        // when the whole window is free, as of then
    SteadyTime refused_until;  // until then Redis need not be asked
    SteadyTime retry_at;
    SteadyTime share_free_at;  // this node's own share, as GCRA has it
    std::int64_t owed = 0;     // calls that the share let pass and Redis was not told of
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Subject, Hash, std::equal_to<>> subjects;
  };
  struct Question {
    std::int64_t want = 0;
    std::int64_t owed = 0;
    bool for_piece = false;
    SteadyTime asked_at;
  };
  struct Return {
    std::string subject;
    std::int64_t limit = 0;
    std::vector<Piece> pieces;
  };
  static constexpr std::size_t kShards = 64;

  static Subject& subject_of(Shard& shard, std::string_view name, std::int64_t limit, SteadyTime now);
  Shard& shard_of(std::string_view subject) { return shards_[Hash{}(subject) % kShards]; }
  static std::int64_t credits_of(const Subject& subject, SteadyTime now);
  void charge_share(Subject& subject, SteadyTime now) const;
  RateDecision decide_by_share(Subject& subject, SteadyTime now) const;
  RateDecision admitted(const Subject& subject, SteadyTime now) const;
  bool spend(Subject& subject, SteadyTime now) const;
  std::optional<RateDecision> decide(std::string_view name, Subject& subject, SteadyTime now);
  Question question_of(Subject& subject, SteadyTime now, bool behind) const;
  Task<RedisReply> ask(std::string name, std::int64_t limit, Question question);
  std::int64_t note_answer(Subject& subject, std::int64_t limit, const Question& question,
                           const Result<RedisReply>& reply, SteadyTime now, std::int64_t spent_at_once) const;
  Awaitable<void> prefetch(std::string name, std::int64_t limit, Question question);
  bool sweep(const std::string& name, Subject& subject, SteadyTime now);
  void sweep();
  Awaitable<void> return_old();

  NodeLink& link_;
  const Clock& clock_;
  std::array<Shard, kShards> shards_;
  std::deque<Return> returns_;  // the loop's
  bool giving_back_ = false;    // the loop's
};

}  // namespace relay
