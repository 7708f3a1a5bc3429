#include "coordination/redis/redis_quotas.h"

#include "coordination/redis/redis_quota_scripts.h"
#include "observe/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <memory>
#include <thread>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kSweptEvery = 5s;
constexpr auto kHeardLasts = 2h;
constexpr std::size_t kBacklogMax = 200'000;
constexpr std::string_view kBucketStart = "-";

std::string owner_of(const QuotaCall& call, const QuotaLimit& limit) {
  if (limit.owner == QuotaOwner::user) return "user";
  if (limit.owner == QuotaOwner::plan) return "plan";
  return std::string(call.key_id);
}

std::string field_of(const QuotaCall& call, const QuotaLimit& limit) {
  return "c:" + owner_of(call, limit) + ":" + std::to_string(static_cast<int>(limit.kind));
}

std::string_view kind_word(QuotaKind kind) {
  if (kind == QuotaKind::tokens_per_minute) return "bucket";
  return counts_requests(kind) ? "requests" : "window";
}

std::string ms_of(WallTime time) { return std::to_string(time.time_since_epoch().count()); }

std::string start_of(const QuotaLimit& limit) {
  return limit.kind == QuotaKind::tokens_per_minute ? std::string(kBucketStart) : ms_of(limit.starts_at);
}

Error no_answer() {
  return Error(ErrorKind::unavailable, "redis_unavailable", "Not available at the moment");
}

}  // namespace

RedisQuotas::RedisQuotas(NodeLink& link, QuotaHistory& history, const Clock& clock, Settings settings)
    : link_(link), history_(history), clock_(clock), settings_(settings) {
  link_.on_sweep([this] { sweep(); });
  link_.on_recovered([this] { alone_.forget_used(); });
}

RedisQuotas::~RedisQuotas() = default;

std::string RedisQuotas::next_id() {
  return link_.node_id() + "." + std::to_string(sequence_.fetch_add(1, std::memory_order_relaxed));
}

QuotaDecision RedisQuotas::try_reserve(const QuotaCall&, WallTime) {
  QuotaDecision decision;
  decision.verdict = QuotaVerdict::unsure;
  return decision;
}

Task<QuotaDecision> RedisQuotas::reserve(const QuotaCall& call, WallTime now) {
  return decide(call, now, true);
}

Task<QuotaDecision> RedisQuotas::look(const QuotaCall& call, WallTime now) {
  return decide(call, now, false);
}

Task<QuotaDecision> RedisQuotas::decide(const QuotaCall& call, WallTime now, bool takes) {
  for (int tries = 0; tries < 3 && link_.can_ask(); ++tries) {
    auto id = next_id();
    std::vector<std::string> args{takes ? "1" : "0", id, std::to_string(settings_.lease.count()), ms_of(now),
                                  std::to_string(call.count)};
    args.reserve(args.size() + call.count * 7);
    for (const auto& limit : call.all()) {
      args.push_back(field_of(call, limit));
      args.push_back(owner_of(call, limit));
      args.emplace_back(kind_word(limit.kind));
      args.push_back(std::to_string(limit.limit));
      args.emplace_back(limit.is_soft ? "1" : "0");
      args.push_back(std::to_string(limit.amount));
      args.push_back(start_of(limit));
    }
    auto key = link_.key("quota", call.user_id);
    const auto reply = co_await link_.ask(quota_reserve_script(), std::move(key), std::move(args));
    if (reply.has_error() || reply->items.empty()) break;
    if (reply->items[0].number != 2) co_return to_decision(call, *reply, std::move(id), takes);
    std::vector<std::size_t> unknown;
    for (std::size_t i = 1; i < reply->items.size(); ++i)
      unknown.push_back(static_cast<std::size_t>(reply->items[i].number - 1));
    CO_CHECK(co_await learn(call, std::move(unknown)));
  }
  co_return co_await decide_alone(call, now, takes);
}

QuotaDecision RedisQuotas::to_decision(const QuotaCall& call, const RedisReply& reply, std::string id,
                                       bool takes) {
  QuotaDecision decision;
  const bool is_refused = reply.items[0].number == 1;
  const std::size_t first = is_refused ? 2 : 1;
  if (reply.items.size() < first + call.count * 3) {
    decision.verdict = QuotaVerdict::refused;
    return decision;
  }
  if (is_refused) {
    decision.verdict = QuotaVerdict::refused;
    decision.refused_by = static_cast<std::size_t>(reply.items[1].number - 1);
  }
  for (std::size_t i = 0; i < call.count; ++i) {
    decision.states.at(i) = {.used = reply.items[first + i * 3].number,
                             .held = reply.items[first + i * 3 + 1].number};
  }
  note(call, decision);
  if (takes && !is_refused) decision.hold = keep(call, std::move(id), QuotaHold());
  return decision;
}

// For when Redis goes away.
void RedisQuotas::note(const QuotaCall& call, const QuotaDecision& decision) {
  auto& shard = shard_of(call.user_id);
  const std::lock_guard lock(shard.mutex);
  auto& heard = shard.heard[std::string(call.user_id)];
  heard.at = clock_.steady_now();
  for (std::size_t i = 0; i < call.count; ++i) {
    const auto& state = decision.states.at(i);
    heard.counts[field_of(call, call.limits.at(i))] = {.starts_at = call.limits.at(i).starts_at,
                                                       .taken = state.used + state.held};
  }
}

QuotaHold RedisQuotas::keep(const QuotaCall& call, std::string id, QuotaHold alone) {
  auto hold = std::make_unique<Hold>();
  hold->user_id = call.user_id;
  hold->id = std::move(id);
  hold->alone = std::move(alone);
  hold->renewed_at = clock_.steady_now();
  for (const auto& limit : call.all()) {
    // A request was counted when it was let in; without Redis it is yet to be.
    if (counts_requests(limit.kind) && !hold->alone) continue;
    hold->held.push_back({.field = field_of(call, limit),
                          .starts_at = start_of(limit),
                          .amount = limit.amount,
                          .kind = limit.kind});
  }
  auto& shard = shard_of(call.user_id);
  const std::lock_guard lock(shard.mutex);
  shard.holds.insert(hold.get());
  return QuotaHold(*this, hold.release());
}

Task<> RedisQuotas::learn(const QuotaCall& call, std::vector<std::size_t> unknown) {
  std::vector<std::string> args;
  for (const auto i : unknown) {
    if (i >= call.count) co_return no_answer();
    const auto& limit = call.limits.at(i);
    std::string user_id(call.user_id);
    std::string key_id(limit.owner == QuotaOwner::key ? call.key_id : std::string_view());
    CO_TRY(const auto sums, co_await history_.sums(std::move(user_id), std::move(key_id), limit.starts_at));
    args.push_back(field_of(call, limit));
    args.push_back(start_of(limit));
    args.push_back(std::to_string(sums.of(limit.kind)));
  }
  auto key = link_.key("quota", call.user_id);
  // Away: the next question says so.
  static_cast<void>(co_await link_.ask(quota_learn_script(), std::move(key), std::move(args)));
  co_return ok;
}

Task<QuotaDecision> RedisQuotas::decide_alone(const QuotaCall& call, WallTime now, bool takes) {
  QuotaCall share = call;
  std::array<std::int64_t, QuotaCall::kLimitsMax> before{};
  {
    auto& shard = shard_of(call.user_id);
    const std::lock_guard lock(shard.mutex);
    const auto heard = shard.heard.find(std::string(call.user_id));
    for (std::size_t i = 0; i < call.count; ++i) {
      auto& limit = share.limits.at(i);
      if (heard != shard.heard.end()) {
        const auto count = heard->second.counts.find(field_of(call, limit));
        const bool is_known =
            count != heard->second.counts.end() &&
            (limit.kind == QuotaKind::tokens_per_minute || count->second.starts_at == limit.starts_at);
        // A bucket has emptied since.
        if (is_known && limit.kind != QuotaKind::tokens_per_minute) before.at(i) = count->second.taken;
      }
      const auto left = limit.limit - before.at(i);
      limit.limit = left <= 0 ? 0 : link_.share_of(left);
    }
  }
  std::optional<QuotaDecision> made;
  if (takes) {
    CO_TRY(auto decision, co_await alone_.reserve(share, now));
    made.emplace(std::move(decision));
  } else {
    CO_TRY(auto decision, co_await alone_.look(share, now));
    made.emplace(std::move(decision));
  }
  for (std::size_t i = 0; i < call.count; ++i) made->states.at(i).used += before.at(i);
  if (made->hold) made->hold = keep(call, next_id(), std::move(made->hold));
  co_return std::move(*made);
}

void RedisQuotas::settle(void* slot, std::int64_t tokens, std::int64_t nano_usd) {
  const std::unique_ptr<Hold> hold(static_cast<Hold*>(slot));
  {
    auto& shard = shard_of(hold->user_id);
    const std::lock_guard lock(shard.mutex);
    shard.holds.erase(hold.get());
  }
  if (hold->alone) {
    hold->alone.add(tokens, nano_usd);
    hold->alone.close();
  }
  if (hold->held.empty()) return;
  Word word{.user_id = std::move(hold->user_id), .args = {}};
  word.args.reserve(1 + hold->held.size() * 3);
  word.args.push_back(std::move(hold->id));
  for (auto& held : hold->held) {
    const auto used = is_budget(held.kind) ? nano_usd : counts_requests(held.kind) ? held.amount : tokens;
    word.args.push_back(std::move(held.field));
    word.args.push_back(std::move(held.starts_at));
    word.args.push_back(std::to_string(used));
  }
  tell_behind(std::move(word));
}

// Told as a hold is settled that nobody took: what is told once counts once.
void RedisQuotas::count(const QuotaCall& call, std::int64_t tokens, std::int64_t nano_usd) {
  if (!link_.can_ask()) alone_.count(call, tokens, nano_usd);
  Word word{.user_id = std::string(call.user_id), .args = {next_id()}};
  for (const auto& limit : call.all()) {
    if (limit.kind == QuotaKind::tokens_per_minute || counts_requests(limit.kind)) continue;
    word.args.push_back(field_of(call, limit));
    word.args.push_back(start_of(limit));
    word.args.push_back(std::to_string(is_budget(limit.kind) ? nano_usd : tokens));
  }
  if (word.args.size() > 1) tell_behind(std::move(word));
}

void RedisQuotas::tell_behind(Word word) {
  untold_.fetch_add(1, std::memory_order_relaxed);
  boost::asio::co_spawn(link_.executor(), tell(std::move(word)), boost::asio::detached);
}

void RedisQuotas::flush(std::chrono::milliseconds patience) const {
  for (auto waited = 0ms; waited < patience && untold_.load(std::memory_order_relaxed) > 0; waited += 2ms)
    std::this_thread::sleep_for(2ms);
}

Awaitable<void> RedisQuotas::tell(Word word) {
  auto key = link_.key("quota", word.user_id);
  auto args = word.args;
  const auto told = co_await link_.ask(quota_settle_script(), std::move(key), std::move(args));
  untold_.fetch_sub(1, std::memory_order_relaxed);
  if (told.has_value()) co_return;
  if (backlog_.size() >= kBacklogMax) {
    log_error("coordination", "too much was used while Redis was away: it is told of a part only", {});
    backlog_.pop_front();
  }
  backlog_.push_back(std::move(word));
}

Awaitable<void> RedisQuotas::tell_backlog() {
  while (!backlog_.empty() && link_.can_ask()) {
    auto word = std::move(backlog_.front());
    backlog_.pop_front();
    auto key = link_.key("quota", word.user_id);
    auto args = word.args;
    const auto told = co_await link_.ask(quota_settle_script(), std::move(key), std::move(args));
    if (told.has_error()) {
      backlog_.push_front(std::move(word));
      break;
    }
  }
  telling_ = false;
}

Awaitable<void> RedisQuotas::renew(std::vector<Word> words) {
  for (auto& word : words) {
    auto key = link_.key("quota", word.user_id);
    auto args = std::move(word.args);
    static_cast<void>(co_await link_.ask(quota_renew_script(), std::move(key), std::move(args)));
  }
}

void RedisQuotas::sweep() {
  const auto now = clock_.steady_now();
  if (!telling_ && !backlog_.empty() && link_.can_ask()) {
    telling_ = true;
    boost::asio::co_spawn(link_.executor(), tell_backlog(), boost::asio::detached);
  }
  if (now - swept_at_ < std::min<std::chrono::milliseconds>(kSweptEvery, settings_.renewed_after / 2)) return;
  swept_at_ = now;
  std::vector<Word> words;
  for (auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (auto* hold : shard.holds) {
      if (now - hold->renewed_at < settings_.renewed_after || hold->alone) continue;
      hold->renewed_at = now;
      words.push_back(
          {.user_id = hold->user_id, .args = {std::to_string(settings_.lease.count()), hold->id}});
    }
    std::erase_if(shard.heard, [now](const auto& entry) { return now - entry.second.at > kHeardLasts; });
  }
  if (words.empty()) return;
  boost::asio::co_spawn(link_.executor(), renew(std::move(words)), boost::asio::detached);
}

}  // namespace relay
