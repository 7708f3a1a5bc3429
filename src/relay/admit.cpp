#include "relay/admission.h"
#include "relay/call_queue.h"
#include "relay/phases.h"
#include "relay/settle.h"
#include "service/budget_watch.h"
#include "service/quota_call.h"

namespace relay {
namespace {

// Calls at one time and requests a minute are counted for the key, and for the user over all keys. Of user
// and plan the stricter one holds: they count the same calls.
struct CountedLimit {
  std::int64_t of_key = 0;
  std::int64_t of_user = 0;
};
CountedLimit limit_of(const KeyAccess& access, std::int64_t RateLimit::*field) {
  return {.of_key = access.limits.*field,
          .of_user = stricter(access.user_limits.*field, access.plan_limits.*field)};
}

std::string subject_word(bool of_key) { return of_key ? "This API key's" : "Your account's"; }

Error too_many_requests(bool of_key, std::int64_t limit, std::chrono::milliseconds retry_after) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(retry_after);
  return Error(
             ErrorKind::too_many_requests, "rate_limit_exceeded",
             subject_word(of_key) + " limit of " + std::to_string(limit) + " requests per minute is reached")
      .retry_in(std::max(seconds, std::chrono::seconds(1)));
}

Error too_many_at_once(bool of_key, std::int64_t limit) {
  return Error(
             ErrorKind::too_many_requests, "concurrency_limit_exceeded",
             subject_word(of_key) + " limit of " + std::to_string(limit) + " concurrent requests is reached")
      .retry_in(std::chrono::seconds(1));
}

// True: it has one. False: the shared state must be asked, or it has to wait for its turn.
Result<bool> take_slot(QueuedLease& slot, std::string_view subject, bool of_key, std::int64_t limit,
                       const AdmissionParts& parts) {
  if (parts.queue.has_waiting(subject)) return false;
  auto lease = parts.leases.try_acquire(subject, limit);
  if (!lease) return false;
  slot = QueuedLease(std::move(*lease), parts.queue, subject);
  if (slot || parts.queue.is_on()) return static_cast<bool>(slot);
  return too_many_at_once(of_key, limit);
}

// The line is the key's, so that one key of a user does not keep the others from their turn.
Awaitable<Lease> acquire_in_turn(Exchange& exchange, const AdmissionParts& parts, std::string_view subject,
                                 std::int64_t limit) {
  if (!parts.queue.has_waiting(subject)) {
    auto lease = co_await parts.leases.acquire(std::string(subject), limit);
    if (lease || !parts.queue.is_on()) co_return lease;
  }
  const auto began = parts.clock.steady_now();
  WaitingCall call(exchange, parts.queue, subject, exchange.key->key_id);
  if (!call.place().is_taken()) co_return Lease();
  bool goes_on = true;
  while (goes_on) {
    if (call.place().is_first()) {
      auto lease = co_await parts.leases.acquire(std::string(subject), limit);
      if (lease) {
        call.admitted(began, parts.clock);
        co_return lease;
      }
    }
    goes_on = co_await call.place().wait();
  }
  co_return Lease();
}

LimitFacts& facts_of(Exchange& exchange) {
  if (!exchange.limit_facts) exchange.limit_facts = std::make_unique<LimitFacts>();
  return *exchange.limit_facts;
}

void note_rate(Exchange& exchange, std::int64_t limit, const RateDecision& rate, WallTime now) {
  const LimitFacts::Window window{
      .limit = limit, .remaining = rate.remaining, .resets_at = now + rate.reset_after};
  facts_of(exchange).requests.tighten(window);
}

// Clients count tokens in bursts and list models: neither generates, neither is limited with what does.
bool is_counted(const Exchange& exchange) {
  const auto kind = exchange.operation.kind;
  return kind == RelayOperation::Kind::generate || kind == RelayOperation::Kind::object;
}

// Who looks at a file or fetches results spends nothing by that; a batch will.
bool spends(const RelayOperation& operation) {
  return operation.kind == RelayOperation::Kind::generate ||
         (operation.call == ObjectCall::create && operation.object == ProviderObjectKind::batch);
}

QuotaCall with_estimate(const Exchange& exchange, Settlement& settlement, WallTime now) {
  auto call = quotas_of(*exchange.key, now);
  if (call.count == 0) return call;
  if (!spends(exchange.operation)) {
    QuotaCall requests{.user_id = call.user_id, .key_id = call.key_id};
    for (const auto& limit : call.all()) {
      if (counts_requests(limit.kind)) requests.add(limit);
    }
    call = requests;
  }
  const auto estimate = upper_estimate(exchange, settlement.prices());
  for (auto& limit : std::span(call.limits).first(call.count)) {
    limit.amount = is_budget(limit.kind)         ? estimate.nano_usd
                   : counts_requests(limit.kind) ? 1
                                                 : estimate.tokens;
  }
  return call;
}

Result<> take_decision(Exchange& exchange, const QuotaCall& call, QuotaDecision decision, BudgetWatch* watch,
                       WallTime now) {
  if (watch != nullptr) watch->look(call, decision);
  note_states(facts_of(exchange), call, decision, now);
  if (decision.verdict == QuotaVerdict::refused) return quota_refusal(call, decision, now);
  exchange.quota_hold = std::move(decision.hold);
  return ok;
}

/// Gives back the requests of a minute that were taken when a later limit refuses.
class TakenRates {
 public:
  TakenRates(RateWindow& rates, const KeyAccess& access) : rates_(rates), access_(access) {}
  TakenRates(const TakenRates&) = delete;
  TakenRates& operator=(const TakenRates&) = delete;
  ~TakenRates() {
    if (of_key != 0) rates_.give_back(access_.key_id, of_key);
    if (of_user != 0) rates_.give_back(access_.user_id, of_user);
  }
  void keep() { of_key = of_user = 0; }

  std::int64_t of_key = 0;  // the limit it was taken of
  std::int64_t of_user = 0;

 private:
  RateWindow& rates_;
  const KeyAccess& access_;
};

}  // namespace

Result<bool> admit(Exchange& exchange, const AdmissionParts& parts) {
  const auto now = exchange.began_steady;
  const auto& access = *exchange.key;
  if (!access.is_limited() || !is_counted(exchange)) return true;
  const auto at_once = limit_of(access, &RateLimit::concurrency);
  if (at_once.of_key > 0) {
    TRY(const bool has_slot, take_slot(exchange.key_lease, access.key_id, true, at_once.of_key, parts));
    if (!has_slot) return false;
  }
  if (at_once.of_user > 0) {
    TRY(const bool has_slot, take_slot(exchange.user_lease, access.user_id, false, at_once.of_user, parts));
    if (!has_slot) return false;
  }
  const auto a_minute = limit_of(access, &RateLimit::requests_per_minute);
  TakenRates taken(parts.rates, access);
  if (a_minute.of_key > 0) {
    const auto rate = parts.rates.try_take(access.key_id, a_minute.of_key, now);
    if (!rate) return false;
    note_rate(exchange, a_minute.of_key, *rate, exchange.began);
    if (!rate->admitted) return too_many_requests(true, a_minute.of_key, rate->retry_after);
    taken.of_key = a_minute.of_key;
  }
  if (a_minute.of_user > 0) {
    const auto rate = parts.rates.try_take(access.user_id, a_minute.of_user, now);
    if (!rate) return false;
    note_rate(exchange, a_minute.of_user, *rate, exchange.began);
    if (!rate->admitted) return too_many_requests(false, a_minute.of_user, rate->retry_after);
    taken.of_user = a_minute.of_user;
  }
  const auto call = with_estimate(exchange, parts.settlement, exchange.began);
  if (call.count > 0) {
    auto decision = parts.quotas.try_reserve(call, exchange.began);
    if (decision.verdict == QuotaVerdict::unsure) return false;
    CHECK(take_decision(exchange, call, std::move(decision), parts.watch, exchange.began));
  }
  taken.keep();
  return true;
}

Task<> admit_asking(Exchange& exchange, AdmissionParts parts) {
  const auto& access = *exchange.key;
  const auto at_once = limit_of(access, &RateLimit::concurrency);
  if (at_once.of_key > 0 && !exchange.key_lease) {
    auto lease = co_await acquire_in_turn(exchange, parts, access.key_id, at_once.of_key);
    if (!lease) co_return too_many_at_once(true, at_once.of_key);
    exchange.key_lease = QueuedLease(std::move(lease), parts.queue, access.key_id);
  }
  if (at_once.of_user > 0 && !exchange.user_lease) {
    auto lease = co_await acquire_in_turn(exchange, parts, access.user_id, at_once.of_user);
    if (!lease) co_return too_many_at_once(false, at_once.of_user);
    exchange.user_lease = QueuedLease(std::move(lease), parts.queue, access.user_id);
  }
  // It may have waited.
  const auto now = parts.clock.steady_now();
  const auto wall_now = parts.clock.now();
  const auto a_minute = limit_of(access, &RateLimit::requests_per_minute);
  exchange.limit_facts.reset();
  TakenRates taken(parts.rates, access);
  if (a_minute.of_key > 0) {
    const auto rate = co_await parts.rates.take(access.key_id, a_minute.of_key, now);
    note_rate(exchange, a_minute.of_key, rate, wall_now);
    if (!rate.admitted) co_return too_many_requests(true, a_minute.of_key, rate.retry_after);
    taken.of_key = a_minute.of_key;
  }
  if (a_minute.of_user > 0) {
    const auto rate = co_await parts.rates.take(access.user_id, a_minute.of_user, now);
    note_rate(exchange, a_minute.of_user, rate, wall_now);
    if (!rate.admitted) co_return too_many_requests(false, a_minute.of_user, rate.retry_after);
    taken.of_user = a_minute.of_user;
  }
  const auto call = with_estimate(exchange, parts.settlement, wall_now);
  if (call.count > 0) {
    CO_TRY(auto decision, co_await parts.quotas.reserve(call, wall_now));
    CO_CHECK(take_decision(exchange, call, std::move(decision), parts.watch, wall_now));
  }
  taken.keep();
  co_return ok;
}

}  // namespace relay
