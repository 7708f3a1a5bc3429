#include "service/rerate_service.h"

#include <utility>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr int kRecordsOfPage = 1'000;
constexpr auto kLeaseOfRerate = 2min;  // a page takes seconds at the most
constexpr const char* kRerateJob = "rerate";

}  // namespace

Task<RerateOutcome> RerateService::compare(RerateScope scope) { return walk(std::move(scope), false); }

Task<RerateOutcome> RerateService::apply(RerateScope scope) {
  CO_CHECK(co_await hold());
  auto outcome = co_await walk(std::move(scope), true);
  const auto now = parts_.clock.now();
  // What was done is done, whether the lease can be given back or ends by itself.
  static_cast<void>(co_await parts_.leases.take(kRerateJob, holder_, now, now));
  co_return outcome;
}

Task<> RerateService::hold() {
  const auto now = parts_.clock.now();
  CO_TRY(const bool held, co_await parts_.leases.take(kRerateJob, holder_, now, now + kLeaseOfRerate));
  if (held) co_return ok;
  co_return Error(ErrorKind::conflict, "rerate_running",
                  "Another rerate runs, or was cut off less than two minutes ago");
}

Task<RerateOutcome> RerateService::walk(RerateScope scope, bool changing) {
  CO_TRY(const auto lines, co_await parts_.prices.list());
  const auto from = scope.from;
  const auto to = scope.to;
  RerateOutcome outcome{CostDifferences(std::make_shared<const PriceTable>(lines), std::move(scope)), 0};
  std::string place;
  do {
    if (changing) CO_CHECK(co_await hold());
    CO_TRY(auto page, co_await parts_.usage.read_records_between(from, to, std::move(place), kRecordsOfPage));
    place = std::move(page.place);
    std::vector<CostChange> changes;
    for (auto& record : page.records) {
      const auto cost = outcome.differences.add(record);
      if (cost && changing) changes.push_back({.record = std::move(record), .cost_nano_usd = *cost});
    }
    if (changes.empty()) continue;
    CO_TRY(const auto changed, co_await parts_.usage.change_costs(std::move(changes)));
    outcome.changed += changed;
  } while (!place.empty());
  co_return outcome;
}

}  // namespace relay
