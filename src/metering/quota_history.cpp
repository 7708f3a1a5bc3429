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

// Of a busy key's day every row would be read, once for each of its windows, while its calls wait.
Task<QuotaSums> StoredQuotaHistory::load(Asked asked) {
  using std::chrono::days;
  using std::chrono::floor;
  const auto from = std::get<WallTime>(asked);
  const WallTime to = floor<days>(clock_.now()) + days(2);  // another node's clock may be ahead
  const WallTime midnight = floor<days>(from);
  if (from - midnight > std::chrono::hours(12)) co_return co_await read(asked, from, to);
  QuotaSums before;
  if (from > midnight) {
    CO_TRY(before, co_await read(asked, midnight, from));
  }
  CO_TRY(auto sums, co_await read(asked, midnight, to));
  sums.requests -= before.requests;
  sums.tokens -= before.tokens;
  sums.nano_usd -= before.nano_usd;
  co_return sums;
}

Task<QuotaSums> StoredQuotaHistory::read(const Asked& asked, WallTime from, WallTime to) {
  const auto& [user_id, key_id, begin] = asked;
  UsageQuery query{.user_id = user_id,
                   .from = from,
                   .to = to,
                   .granularity = UsageGranularity::month,
                   .with_latency = false};
  if (!key_id.empty()) query.key_id = key_id;
  CO_TRY(const auto report, co_await usage_.report(std::move(query)));
  co_return QuotaSums{.requests = report.totals.requests,
                      .tokens = limited_tokens(report.totals.usage),
                      .nano_usd = report.totals.charge_nano_usd};
}

}  // namespace relay
