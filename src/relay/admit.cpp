#include "relay/phases.h"

namespace relay {
namespace {

Error too_many_requests(std::int64_t limit, std::chrono::milliseconds retry_after) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(retry_after);
  return Error(ErrorKind::too_many_requests, "rate_limit_exceeded",
               "This API key's limit of " + std::to_string(limit) + " requests per minute is reached")
      .retry_in(std::max(seconds, std::chrono::seconds(1)));
}

Error too_many_at_once(std::int64_t limit) {
  return Error(ErrorKind::too_many_requests, "concurrency_limit_exceeded",
               "This API key's limit of " + std::to_string(limit) + " concurrent requests is reached")
      .retry_in(std::chrono::seconds(1));
}

}  // namespace

Result<bool> admit(Exchange& exchange, RateWindow& rates, ConcurrencyLeases& leases, SteadyTime now) {
  // Clients count tokens in bursts and list models: neither generates, neither is limited with what does.
  const auto kind = exchange.operation.kind;
  if (kind != RelayOperation::Kind::generate && kind != RelayOperation::Kind::object) return true;
  const auto& limits = exchange.key->limits;
  if (limits.concurrency > 0) {
    auto lease = leases.try_acquire(exchange.key->key_id, limits.concurrency);
    if (!lease) return false;
    exchange.lease = std::move(*lease);
    if (!exchange.lease) return too_many_at_once(limits.concurrency);
  }
  if (limits.requests_per_minute > 0) {
    const auto rate = rates.try_take(exchange.key->key_id, limits.requests_per_minute, now);
    if (!rate) return false;
    exchange.rate = *rate;
    if (!rate->admitted) return too_many_requests(limits.requests_per_minute, rate->retry_after);
  }
  return true;
}

Task<> admit_asking(Exchange& exchange, RateWindow& rates, ConcurrencyLeases& leases, SteadyTime now) {
  const auto& limits = exchange.key->limits;
  if (limits.concurrency > 0 && !exchange.lease) {
    exchange.lease = co_await leases.acquire(exchange.key->key_id, limits.concurrency);
    if (!exchange.lease) co_return too_many_at_once(limits.concurrency);
  }
  if (limits.requests_per_minute > 0) {
    exchange.rate = co_await rates.take(exchange.key->key_id, limits.requests_per_minute, now);
    if (!exchange.rate.admitted) {
      co_return too_many_requests(limits.requests_per_minute, exchange.rate.retry_after);
    }
  }
  co_return ok;
}

}  // namespace relay
