#include "upstream/account_state.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFamiliesMax = 64;
constexpr double kLatencyDecayMs = 10'000;
constexpr auto kForgottenAfter = 10min;  // after a rest: the next failure is the first again
constexpr auto kProbeMost = 15min;       // a probe that was never reported does not bar the account for ever

std::uint64_t pack(float milliseconds, std::uint32_t at) {
  return static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(milliseconds)) << 32U | at;
}
float packed_ms(std::uint64_t word) { return std::bit_cast<float>(static_cast<std::uint32_t>(word >> 32U)); }

// In units of 10 ms: 32 bits of them wrap after 497 days, and differences stay right.
std::uint32_t ticks(SteadyTime time) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() / 10);
}

double decayed(std::uint64_t word, std::uint32_t now) {
  const auto passed = static_cast<std::int32_t>(now - static_cast<std::uint32_t>(word));
  return packed_ms(word) * std::exp(-std::max(passed, 0) * 10.0 / kLatencyDecayMs);
}

std::int64_t day_of(WallTime time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

}  // namespace

bool AccountState::try_begin(int most) {
  const int before = in_flight_.fetch_add(1, std::memory_order_relaxed);
  if (most <= 0 || before < most) return true;
  end();
  return false;
}

void AccountState::saw_latency(bool streamed, std::chrono::milliseconds latency, SteadyTime now) {
  auto& place = latency_[streamed ? 1 : 0];
  const auto at = ticks(now);
  const double seen = std::max<double>(static_cast<double>(latency.count()), 0.5);
  auto word = place.load(std::memory_order_relaxed);
  while (true) {
    // What time has taken back makes room for what was seen now.
    const auto passed = std::max(static_cast<std::int32_t>(at - static_cast<std::uint32_t>(word)), 0);
    const double kept = std::exp(-passed * 10.0 / kLatencyDecayMs);
    const double old = packed_ms(word);
    // Within one tick a faster answer takes a twentieth, else many at once would count for none.
    const double part = std::max(1 - kept, 0.05);
    const double next = seen >= old ? seen : old + (seen - old) * part;
    if (place.compare_exchange_weak(word, pack(static_cast<float>(next), at), std::memory_order_relaxed))
      return;
  }
}

double AccountState::latency_ms(bool streamed, SteadyTime now) const {
  const auto word = latency_[streamed ? 1 : 0].load(std::memory_order_relaxed);
  return word == 0 ? 0 : decayed(word, ticks(now));
}

AccountState::Gate AccountState::gate_of(const Entry& entry, SteadyTime now) {
  if (!entry.is_resting) return Gate::open;
  if (now < entry.until) return Gate::resting;
  if (entry.probing_since && now - *entry.probing_since < kProbeMost) return Gate::resting;
  return Gate::probe;
}

const AccountState::Entry* AccountState::find(std::string_view family) const {
  const auto found = entries_.find(family);
  return found == entries_.end() ? nullptr : &found->second;
}
AccountState::Entry* AccountState::find(std::string_view family) {
  const auto found = entries_.find(family);
  return found == entries_.end() ? nullptr : &found->second;
}

AccountState::Gate AccountState::gate(std::string_view family, SteadyTime now) const {
  if (clear_.load(std::memory_order_acquire)) return Gate::open;
  const std::lock_guard lock(mutex_);
  auto gate = Gate::open;
  for (const auto name : {std::string_view(), family}) {
    if (const auto* entry = find(name)) gate = std::max(gate, gate_of(*entry, now));
  }
  return gate;
}

bool AccountState::begin_probe(std::string_view family, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  for (const auto name : {std::string_view(), family}) {
    const auto* entry = find(name);
    if (entry != nullptr && gate_of(*entry, now) == Gate::resting) return false;
  }
  for (const auto name : {std::string_view(), family}) {
    auto* entry = find(name);
    if (entry != nullptr && entry->is_resting) entry->probing_since = now;
  }
  return true;
}

void AccountState::end_probe(std::string_view family) {
  const std::lock_guard lock(mutex_);
  for (const auto name : {std::string_view(), family}) {
    if (auto* entry = find(name)) entry->probing_since.reset();
  }
}

void AccountState::passed(const Report& report) {
  for (const auto name : {std::string_view(), report.family}) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) continue;
    // What was sent before the account went to rest says nothing of it now.
    const auto& entry = found->second;
    if (report.is_probe || !entry.is_resting || report.began >= entry.since) entries_.erase(found);
  }
  note_clear();
}

void AccountState::make_room() {
  if (entries_.size() < kFamiliesMax) return;
  const auto soonest =
      std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.until; });
  entries_.erase(soonest);
}

void AccountState::begin_rest(Entry& entry, RestReason reason, std::chrono::milliseconds time, SteadyTime now,
                              WallTime wall_now) {
  entry.reason = reason;
  entry.is_resting = true;
  entry.since = now;
  entry.until = now + time;
  entry.since_wall = wall_now;
  entry.until_wall = wall_now + time;
  entry.errors = 0;
  entry.probing_since.reset();
  entry.heard_from.clear();
}

std::optional<RestShown> AccountState::report(const Report& report, Random& random) {
  const auto& sign = report.sign;
  if (!sign.failed() && clear_.load(std::memory_order_acquire)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (sign.kind == AttemptSign::Kind::success) {
    passed(report);
    return std::nullopt;
  }
  if (report.is_probe) {
    for (const auto name : {std::string_view(), report.family}) {
      if (auto* entry = find(name)) entry->probing_since.reset();
    }
  }
  if (!sign.failed()) return std::nullopt;

  const auto name = is_of_account(sign.reason) ? std::string_view() : report.family;
  if (find(name) == nullptr) make_room();
  auto& entry = entries_[std::string(name)];
  note_clear();
  if (report.failure) entry.failure = report.failure;
  if (entry.is_resting && !report.is_probe && report.began < entry.since) return std::nullopt;
  if (entry.is_resting && report.now - entry.until > kForgottenAfter) entry.failures = 0;
  const bool is_counted = sign.reason == RestReason::server_errors && !entry.is_resting;
  if (is_counted) {
    if (entry.errors == 0 || report.now - entry.first_error > kServerErrorsWithin) {
      entry.errors = 0;
      entry.first_error = report.now;
    }
    if (++entry.errors < kServerErrorsMin) return std::nullopt;
  }
  ++entry.failures;
  begin_rest(entry, sign.reason, rest_time(sign, entry.failures, random), report.now, report.wall_now);
  return RestShown{.family = std::string(name),
                   .reason = sign.reason,
                   .since = entry.since_wall,
                   .until = entry.until_wall,
                   .failures = entry.failures};
}

void AccountState::hear(const RestNews& news, std::string node, SteadyTime now, WallTime wall_now) {
  const auto reason = parse_rest_reason(news.reason);
  if (!reason) return;
  const std::lock_guard lock(mutex_);
  if (find(news.family) == nullptr) make_room();
  auto& entry = entries_[news.family];
  note_clear();
  if (entry.is_resting && entry.until >= now + news.time) return;
  entry.failures = std::max(entry.failures, 1);
  entry.failure.reset();
  begin_rest(entry, *reason, news.time, now, wall_now);
  entry.heard_from = std::move(node);
}

std::optional<AccountState::Rest> AccountState::resting(std::string_view family, SteadyTime now) const {
  if (clear_.load(std::memory_order_acquire)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  std::optional<Rest> rest;
  for (const auto name : {std::string_view(), family}) {
    const auto* entry = find(name);
    if (entry == nullptr || gate_of(*entry, now) == Gate::open) continue;
    if (!rest || entry->until > rest->until) rest = Rest{entry->until, entry->failure};
  }
  return rest;
}

std::vector<RestShown> AccountState::rests() const {
  std::vector<RestShown> shown;
  const std::lock_guard lock(mutex_);
  for (const auto& [family, entry] : entries_) {
    if (!entry.is_resting) continue;
    shown.push_back({.family = family,
                     .reason = entry.reason,
                     .since = entry.since_wall,
                     .until = entry.until_wall,
                     .failures = entry.failures,
                     .is_probing = entry.probing_since.has_value(),
                     .heard_from = entry.heard_from});
  }
  return shown;
}

void AccountState::spend(NanoUsd cost, WallTime began) {
  const auto day = day_of(began);
  auto known = spend_day_.load(std::memory_order_acquire);
  if (day < known) return;
  // A record that another thread adds in the very moment of midnight may count for neither day.
  if (known != day && spend_day_.compare_exchange_strong(known, day)) spent_.store(0);
  spent_.fetch_add(cost, std::memory_order_relaxed);
}

NanoUsd AccountState::settled_on(WallTime at) const {
  return spend_day_.load(std::memory_order_acquire) == day_of(at) ? spent_.load(std::memory_order_relaxed)
                                                                  : 0;
}

void AccountState::know_stored(WallTime at, NanoUsd beside) {
  stored_beside_.store(beside, std::memory_order_relaxed);
  stored_day_.store(day_of(at), std::memory_order_release);
}

NanoUsd AccountState::spent_today(WallTime now) const {
  const bool is_read = stored_day_.load(std::memory_order_acquire) == day_of(now);
  return settled_on(now) + (is_read ? stored_beside_.load(std::memory_order_relaxed) : 0);
}

}  // namespace relay
