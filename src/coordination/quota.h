// What a key, its user and the plan may use in each window of time: tokens, requests of a day, money. Taken
// before a call as an upper estimate, corrected behind it by what was really used. Implementations:
// coordination/memory, coordination/redis.
#pragma once

#include "async/task.h"
#include "base/clock.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace relay {

/// What is counted. Tokens a minute are a bucket that empties evenly, a minute for the whole limit; all
/// others are windows that begin and end at a time. Redis keeps their numbers: new ones come behind.
enum class QuotaKind : std::uint8_t {
  tokens_per_minute,
  requests_per_day,
  tokens_per_day,
  budget_daily,
  budget_weekly,
  budget_monthly,
  budget_total,
  tokens_per_month,
};
inline constexpr std::size_t kQuotaKinds = 8;
constexpr bool is_budget(QuotaKind kind) {
  return kind >= QuotaKind::budget_daily && kind <= QuotaKind::budget_total;
}
constexpr bool counts_requests(QuotaKind kind) { return kind == QuotaKind::requests_per_day; }

/// Whose it is. What a user and the plan count are the calls of the same user, each in windows of their own.
enum class QuotaOwner : std::uint8_t { key, user, plan };

/// One limit that a call must fit under.
struct QuotaLimit {
  QuotaOwner owner = QuotaOwner::key;
  QuotaKind kind = QuotaKind::tokens_per_day;
  bool is_soft = false;     // refuses nothing
  std::int64_t limit = 0;   // tokens, requests or nano-dollars
  std::int64_t amount = 0;  // of this call, at most: held until it is settled. A request counts at once
  WallTime starts_at{};     // of the window; both nothing for the bucket
  WallTime ends_at{};       // WallTime::max() when it never does
};

/// A call and its limits: three of tokens a minute, requests and tokens a day of the key and as many of the
/// user, tokens a month of the plan, four budgets of key, user and plan.
struct QuotaCall {
  static constexpr std::size_t kLimitsMax = 19;

  std::string_view user_id;
  std::string_view key_id;
  std::array<QuotaLimit, kLimitsMax> limits{};
  std::size_t count = 0;

  void add(const QuotaLimit& limit) { limits.at(count++) = limit; }
  std::span<const QuotaLimit> all() const { return {limits.data(), count}; }
};

/// How a limit stands, this call's own hold counted when it was let in.
struct QuotaState {
  std::int64_t used = 0;
  std::int64_t held = 0;  // for calls that run
};

enum class QuotaVerdict : std::uint8_t {
  admitted,
  refused,
  unsure,  // the shared state, or what the store knows of before, must be asked
};

class Quotas;

/// What is held for one call until it is settled. Adds up what its attempts used; settled with that when it
/// is closed or goes out of scope. Move-only; must not outlive its owner.
class QuotaHold {
 public:
  QuotaHold() = default;
  QuotaHold(Quotas& owner, void* slot) : owner_(&owner), slot_(slot) {}
  QuotaHold(QuotaHold&& other) noexcept { swap(other); }
  QuotaHold& operator=(QuotaHold&& other) noexcept {
    swap(other);
    return *this;
  }
  ~QuotaHold() { close(); }
  explicit operator bool() const { return owner_ != nullptr; }

  /// What one attempt used.
  void add(std::int64_t tokens, std::int64_t nano_usd) {
    tokens_ += tokens;
    nano_usd_ += nano_usd;
  }
  void add(const QuotaHold& other) { add(other.tokens_, other.nano_usd_); }
  /// Puts what was used in the place of what was held. Once; never waits.
  inline void close();

 private:
  void swap(QuotaHold& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(slot_, other.slot_);
    std::swap(tokens_, other.tokens_);
    std::swap(nano_usd_, other.nano_usd_);
  }

  Quotas* owner_ = nullptr;
  void* slot_ = nullptr;
  std::int64_t tokens_ = 0;
  std::int64_t nano_usd_ = 0;
};

struct QuotaDecision {
  QuotaVerdict verdict = QuotaVerdict::admitted;
  std::size_t refused_by = 0;                              // of the call's limits
  std::array<QuotaState, QuotaCall::kLimitsMax> states{};  // one for each
  QuotaHold hold{};                                        // when it was admitted
};

/// What the store knows that was used before. Implementation: metering/quota_history.h.
struct QuotaSums {
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
  std::int64_t nano_usd = 0;

  std::int64_t of(QuotaKind kind) const {
    return is_budget(kind) ? nano_usd : counts_requests(kind) ? requests : tokens;
  }
};
class QuotaHistory {
 public:
  virtual ~QuotaHistory() = default;
  /// Of the user, or of one key of it (`key_id` not empty), from `from` on. unavailable when the store is
  /// away.
  virtual Task<QuotaSums> sums(std::string user_id, std::string key_id, WallTime from) = 0;
};

/// Check and take in one step: a call is let in when under every hard limit (used + held < limit) there is
/// something left, and then holds its estimate under all of them; else it takes nothing of any. So a limit is
/// passed by no more than the call that is let in last: its estimate need not fit into what is left, but
/// nobody else is let in while it runs over. Of N calls at one time with room for one, one passes.
///
/// What was used before the first question for a window is read from the history; a window that begins while
/// its counts are in memory begins at nothing. Sums that are gone (a restart, a Redis without its data) are
/// made anew in the same way.
///
/// All calls: thread-safe. Must outlive its holds.
class Quotas {
 public:
  virtual ~Quotas() = default;

  /// Says so at once, or QuotaVerdict::unsure: then ask reserve(). A plain function, because it is on every
  /// limited call's way.
  virtual QuotaDecision try_reserve(const QuotaCall& call, WallTime now) = 0;

  /// The same, and may ask the shared state and the store. Never unsure. `call` and its texts must live until
  /// it comes back. unavailable when the store is away that alone knows what was used.
  virtual Task<QuotaDecision> reserve(const QuotaCall& call, WallTime now) = 0;

  /// How the limits stand, without taking anything. unavailable like reserve().
  virtual Task<QuotaDecision> look(const QuotaCall& call, WallTime now) = 0;

  /// Adds what work used that ended long after its call was let in, past any limit, where its window is the
  /// one that is counted now; no bucket and no request. Counts that are yet to be made from the history are
  /// passed over: it has it by then. Never waits, takes nothing.
  virtual void count(const QuotaCall& call, std::int64_t tokens, std::int64_t nano_usd) = 0;

 private:
  friend class QuotaHold;
  /// Never waits. `slot` is the hold's own, and gone then.
  virtual void settle(void* slot, std::int64_t tokens, std::int64_t nano_usd) = 0;
};

inline void QuotaHold::close() {
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->settle(slot_, tokens_, nano_usd_);
}

/// How long until a bucket of `limit` a minute that has so much in it is under its limit again; 0: it is.
constexpr std::chrono::milliseconds until_room(std::int64_t in_bucket, std::int64_t limit) {
  if (in_bucket < limit) return std::chrono::milliseconds(0);
  const auto over = static_cast<double>(in_bucket - limit + 1);
  return std::chrono::milliseconds(static_cast<std::int64_t>(over * 60'000.0 / static_cast<double>(limit)) +
                                   1);
}
/// How long until it is empty.
constexpr std::chrono::milliseconds until_empty(std::int64_t in_bucket, std::int64_t limit) {
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(in_bucket) * 60'000.0 / static_cast<double>(limit)));
}

}  // namespace relay
