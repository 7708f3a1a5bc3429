#include "service/profile_service.h"

namespace relay {

Task<Profile> ProfileService::find(std::string user_id) {
  CO_TRY(auto user, co_await parts_.users.find(std::move(user_id)));
  co_return co_await complete(std::move(user));
}

Task<Profile> ProfileService::complete(User user) {
  // Whole days: these are read from the roll-ups alone.
  const auto today = std::chrono::floor<std::chrono::days>(parts_.clock.now());
  const std::chrono::year_month_day date(today);
  const std::chrono::sys_days first(date.year() / date.month() / 1);
  UsageQuery query{.user_id = user.id,
                   .key_id = std::nullopt,
                   .from = first,
                   .to = today + std::chrono::days(1),
                   .granularity = UsageGranularity::month,
                   .by_model = false};
  CO_TRY(auto report, co_await parts_.usage.report(std::move(query)));
  co_return Profile{.user = std::move(user), .this_month = report.totals};
}

}  // namespace relay
