#include "coordination/memory/memory_quotas.h"

#include <algorithm>
#include <memory>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kForgottenAfter = 2h;
constexpr auto kSweptEvery = 10min;

// What has run out since is taken away in whole units, and the time moves on by as much.
void empty_bucket(std::int64_t& in_it, WallTime& emptied_at, std::int64_t limit, WallTime now) {
  if (in_it <= 0 || emptied_at > now) {
    in_it = std::max<std::int64_t>(in_it, 0);
    emptied_at = now;
    return;
  }
  const auto passed = std::min<std::int64_t>((now - emptied_at) / 1ms, 86'400'000);
  const auto out =
      static_cast<std::int64_t>(static_cast<double>(passed) * static_cast<double>(limit) / 60'000.0);
  if (out <= 0) return;
  in_it = std::max<std::int64_t>(in_it - out, 0);
  emptied_at = now;
}

}  // namespace

MemoryQuotas::~MemoryQuotas() = default;

MemoryQuotas::Place MemoryQuotas::place_of(Shard& shard, const QuotaCall& call, WallTime now) {
  if (now - shard.swept_at > kSweptEvery) sweep(shard, now);
  auto found = shard.users.find(call.user_id);
  if (found == shard.users.end()) found = shard.users.emplace(call.user_id, User()).first;
  auto& user = found->second;
  user.asked_at = now;
  Place place{.user = *found, .of_key = nullptr};
  const auto is_of_key = [](const QuotaLimit& limit) { return limit.owner == QuotaOwner::key; };
  if (std::ranges::any_of(call.all(), is_of_key)) {
    auto key = user.keys.find(call.key_id);
    if (key == user.keys.end()) key = user.keys.emplace(call.key_id, Counters()).first;
    place.of_key = &key->second;
  }
  return place;
}

void MemoryQuotas::sweep(Shard& shard, WallTime now) {
  shard.swept_at = now;
  std::erase_if(shard.users, [now](const auto& entry) {
    return entry.second.holds == 0 && now - entry.second.asked_at > kForgottenAfter;
  });
}

// In its window of now: a counter whose window is over begins again.
MemoryQuotas::Counter& MemoryQuotas::counter_of(const Place& place, const QuotaLimit& limit, WallTime now) {
  auto& user = place.user.second;
  auto& counters = limit.owner == QuotaOwner::user   ? user.own
                   : limit.owner == QuotaOwner::plan ? user.of_plan
                                                     : *place.of_key;
  counters.since = std::min(counters.since, now);
  auto& counter = counters.of_kind[static_cast<std::size_t>(limit.kind)];
  if (limit.kind == QuotaKind::tokens_per_minute) {
    if (!counter.known) counter.starts_at = now;
    counter.known = true;
    empty_bucket(counter.used, counter.starts_at, limit.limit, now);
  } else if (counter.starts_at != limit.starts_at &&
             counter.starts_at <= now) {  // of a later one: a call that
    // began before it
    counter = Counter{.starts_at = limit.starts_at, .known = limit.starts_at > counters.since};
  }
  return counter;
}

QuotaDecision MemoryQuotas::decide(const QuotaCall& call, WallTime now, bool takes) {
  QuotaDecision decision;
  auto& shard = shard_of(call.user_id);
  const std::lock_guard lock(shard.mutex);
  const auto place = place_of(shard, call, now);
  std::array<Counter*, QuotaCall::kLimitsMax> counters{};
  const auto limits = call.all();
  bool is_known = true;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const auto& limit = limits[i];
    auto& counter = counter_of(place, limit, now);
    counters[i] = &counter;
    decision.states[i] = {.used = counter.used, .held = counter.held};
    is_known = is_known && counter.known;
    const bool is_full = !limit.is_soft && counter.used + counter.held >= limit.limit;
    if (is_full && decision.verdict == QuotaVerdict::admitted) {
      decision.verdict = QuotaVerdict::refused;
      decision.refused_by = i;
    }
  }
  if (!is_known) decision.verdict = QuotaVerdict::unsure;
  if (!takes || decision.verdict != QuotaVerdict::admitted) return decision;

  auto hold = std::make_unique<Hold>();
  hold->shard = &shard;
  hold->user = &place.user;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const auto& limit = limits[i];
    if (counts_requests(limit.kind)) {
      counters[i]->used += limit.amount;
    } else {
      counters[i]->held += limit.amount;
      hold->held[hold->count++] = {.counter = counters[i],
                                   .kind = limit.kind,
                                   .amount = limit.amount,
                                   .starts_at = counters[i]->starts_at};
    }
    decision.states[i] = {.used = counters[i]->used, .held = counters[i]->held};
  }
  ++place.user.second.holds;
  decision.hold = QuotaHold(*this, hold.release());
  return decision;
}

void MemoryQuotas::settle(void* slot, std::int64_t tokens, std::int64_t nano_usd) {
  const std::unique_ptr<Hold> hold(static_cast<Hold*>(slot));
  const std::lock_guard lock(hold->shard->mutex);
  for (const auto& held : std::span(hold->held).first(hold->count)) {
    // Its window is over, and what it held went with it.
    const bool is_bucket = held.kind == QuotaKind::tokens_per_minute;
    if (!is_bucket && held.counter->starts_at != held.starts_at) continue;
    held.counter->held -= held.amount;
    held.counter->used += is_budget(held.kind) ? nano_usd : tokens;
  }
  --hold->user->second.holds;
}

// What many who come at once all read is the same: the first to bring it is believed, for nobody was let in
// before.
Task<> MemoryQuotas::learn(const QuotaCall& call, WallTime now) {
  struct Unknown {
    std::size_t limit;
    bool of_key;
    WallTime from;
  };
  std::vector<Unknown> unknown;
  auto& shard = shard_of(call.user_id);
  {
    const std::lock_guard lock(shard.mutex);
    const auto place = place_of(shard, call, now);
    const auto limits = call.all();
    for (std::size_t i = 0; i < limits.size(); ++i) {
      if (!counter_of(place, limits[i], now).known)
        unknown.push_back({i, limits[i].owner == QuotaOwner::key, limits[i].starts_at});
    }
  }
  std::vector<std::pair<Unknown, QuotaSums>> known;
  for (const auto& each : unknown) {
    const auto same = std::ranges::find_if(known, [&each](const auto& before) {
      return before.first.of_key == each.of_key && before.first.from == each.from;
    });
    if (same != known.end()) {
      known.emplace_back(each, same->second);
      continue;
    }
    std::string user_id(call.user_id);
    std::string key_id(each.of_key ? call.key_id : std::string_view());
    CO_TRY(const auto sums, co_await history_.sums(std::move(user_id), std::move(key_id), each.from));
    known.emplace_back(each, sums);
  }
  const std::lock_guard lock(shard.mutex);
  const auto place = place_of(shard, call, now);
  for (const auto& [each, sums] : known) {
    const auto& limit = call.limits.at(each.limit);
    auto& counter = counter_of(place, limit, now);
    if (std::exchange(counter.known, true)) continue;
    counter.used = sums.of(limit.kind);
  }
  co_return ok;
}

QuotaDecision MemoryQuotas::try_reserve(const QuotaCall& call, WallTime now) {
  return decide(call, now, true);
}

Task<QuotaDecision> MemoryQuotas::decide_knowing(const QuotaCall& call, WallTime now, bool takes) {
  // Once more where a counter was forgotten meanwhile.
  for (int tries = 0; tries < 3; ++tries) {
    auto decision = decide(call, now, takes);
    if (decision.verdict != QuotaVerdict::unsure) co_return decision;
    CO_CHECK(co_await learn(call, now));
  }
  co_return Error(ErrorKind::unavailable, "quota_unknown", "Not available at the moment");
}

Task<QuotaDecision> MemoryQuotas::reserve(const QuotaCall& call, WallTime now) {
  return decide_knowing(call, now, true);
}

Task<QuotaDecision> MemoryQuotas::look(const QuotaCall& call, WallTime now) {
  return decide_knowing(call, now, false);
}

void MemoryQuotas::count(const QuotaCall& call, std::int64_t tokens, std::int64_t nano_usd) {
  auto& shard = shard_of(call.user_id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.users.find(call.user_id);
  if (found == shard.users.end()) return;
  auto& user = found->second;
  const auto key = user.keys.find(call.key_id);
  for (const auto& limit : call.all()) {
    if (limit.kind == QuotaKind::tokens_per_minute || counts_requests(limit.kind)) continue;
    if (limit.owner == QuotaOwner::key && key == user.keys.end()) continue;
    auto& counters = limit.owner == QuotaOwner::user   ? user.own
                     : limit.owner == QuotaOwner::plan ? user.of_plan
                                                       : key->second;
    auto& counter = counters.of_kind.at(static_cast<std::size_t>(limit.kind));
    if (!counter.known || counter.starts_at != limit.starts_at) continue;
    counter.used += is_budget(limit.kind) ? nano_usd : tokens;
  }
}

void MemoryQuotas::forget_used() {
  for (auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (auto& [id, user] : shard.users) {
      const auto forget = [](Counters& counters) {
        for (auto& counter : counters.of_kind) counter.used = 0;
      };
      forget(user.own);
      forget(user.of_plan);
      for (auto& [key, counters] : user.keys) forget(counters);
    }
  }
}

std::size_t MemoryQuotas::size() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.users.size();
  }
  return count;
}

}  // namespace relay
