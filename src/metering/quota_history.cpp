#include "metering/quota_history.h"

#include "async/wakeup.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace relay {

struct StoredQuotaHistory::Flight {
  struct Waiter {
    IoExecutor executor;
    Wakeup* landed;  // in the waiter's frame, which stays until it is woken
  };
  std::vector<Waiter> waiters;  // under the mutex, until it has landed
  QuotaSums sums;
  std::optional<Error> failure;
};

StoredQuotaHistory::StoredQuotaHistory(UsageStore& usage, const Clock& clock)
    : usage_(usage), clock_(clock) {}

StoredQuotaHistory::~StoredQuotaHistory() = default;

Task<QuotaSums> StoredQuotaHistory::sums(std::string user_id, std::string key_id, WallTime from) {
  const auto executor = co_await boost::asio::this_coro::executor;
  Asked asked(std::move(user_id), std::move(key_id), from);
  Wakeup landed(executor);
  bool leads = false;
  std::shared_ptr<Flight> flight;
  {
    const std::lock_guard lock(mutex_);
    auto& flying = flights_[asked];
    leads = flying == nullptr;
    if (leads) {
      flying = std::make_shared<Flight>();
    } else {
      flying->waiters.push_back({executor, &landed});
    }
    flight = flying;
  }
  if (leads) {
    auto read = co_await load(asked);
    land(asked, *flight, std::move(read));
  } else {
    static_cast<void>(co_await landed.wait());
  }
  if (flight->failure) co_return *flight->failure;
  co_return flight->sums;
}

void StoredQuotaHistory::land(const Asked& asked, Flight& flight, Result<QuotaSums> read) {
  if (read.has_error()) {
    flight.failure = std::move(read).error();
  } else {
    flight.sums = *read;
  }
  std::vector<Flight::Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    flights_.erase(asked);
    waiters = std::move(flight.waiters);
  }
  for (const auto& waiter : waiters)
    boost::asio::post(waiter.executor, [landed = waiter.landed] { landed->wake(); });
}

Task<QuotaSums> StoredQuotaHistory::load(Asked asked) {
  auto& [user_id, key_id, from] = asked;
  UsageQuery query{.user_id = std::move(user_id),
                   .from = from,
                   // The end of a day (another node's clock may be ahead): then all of today is in the
                   // roll-up, and none of its rows is read.
                   .to = std::chrono::floor<std::chrono::days>(clock_.now()) + std::chrono::days(2),
                   .granularity = UsageGranularity::month,
                   .with_latency = false};
  if (!key_id.empty()) query.key_id = std::move(key_id);
  CO_TRY(const auto report, co_await usage_.report(std::move(query)));
  co_return QuotaSums{.requests = report.totals.requests,
                      .tokens = limited_tokens(report.totals.usage),
                      .nano_usd = report.totals.charge_nano_usd};
}

}  // namespace relay
