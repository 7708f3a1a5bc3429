#include "service/profile_service.h"

namespace relay {

using namespace std::chrono_literals;

Task<Profile> ProfileService::find(std::string user_id) {
  CO_TRY(auto user, co_await parts_.users.find(std::move(user_id)));
  co_return co_await complete(std::move(user));
}

Task<Profile> ProfileService::complete(User user) {
  const auto now = parts_.clock.now();
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
  const std::chrono::sys_days first(today.year() / today.month() / 1);
  UsageQuery query{.user_id = user.id,
                   .key_id = std::nullopt,
                   .from = first,
                   .to = now + 1ms,
                   .granularity = UsageGranularity::month,
                   .by_model = false};
  CO_TRY(auto report, co_await parts_.usage.report(std::move(query)));
  co_return Profile{.user = std::move(user), .this_month = report.totals};
}

}  // namespace relay
