#include "service/quota_call.h"

#include "domain/month.h"
#include "domain/time_window.h"

#include <array>

namespace relay {
namespace {

/// The windows that this thread came upon last: they hold for a day and more, and their calendar costs more
/// than all else of a limited call. `zone` is of TimeZone::named(), and so never another one at its place.
TimeWindow recent_window_of(BudgetPeriod period, const TimeZone& zone, std::int64_t reset_minute,
                            WallTime now) {
  struct Recent {
    const TimeZone* zone = nullptr;
    BudgetPeriod period{};
    std::int64_t reset_minute = 0;
    TimeWindow window;
  };
  constexpr std::size_t kPlaces = 64;
  thread_local std::array<Recent, kPlaces> places;
  const auto place = (reinterpret_cast<std::uintptr_t>(&zone) / sizeof zone * 4 +
                      static_cast<std::size_t>(period) + static_cast<std::size_t>(reset_minute) * 7) %
                     kPlaces;
  auto& recent = places[place];
  const bool is_it = recent.zone == &zone && recent.period == period && recent.reset_minute == reset_minute;
  if (!is_it || now < recent.window.starts_at || now >= recent.window.ends_at) {
    recent = {.zone = &zone,
              .period = period,
              .reset_minute = reset_minute,
              .window = window_of(period, zone, reset_minute, now)};
  }
  return recent.window;
}

QuotaKind kind_of(BudgetPeriod period) {
  return static_cast<QuotaKind>(static_cast<std::size_t>(QuotaKind::budget_daily) +
                                static_cast<std::size_t>(period));
}

void add_limits(QuotaCall& call, const RateLimit& limits, QuotaOwner owner, const TimeWindow& day) {
  if (limits.tokens_per_minute > 0) {
    call.add({.owner = owner, .kind = QuotaKind::tokens_per_minute, .limit = limits.tokens_per_minute});
  }
  const auto add_day = [&](QuotaKind kind, std::int64_t limit) {
    if (limit == 0) return;
    call.add(
        {.owner = owner, .kind = kind, .limit = limit, .starts_at = day.starts_at, .ends_at = day.ends_at});
  };
  add_day(QuotaKind::requests_per_day, limits.requests_per_day);
  add_day(QuotaKind::tokens_per_day, limits.tokens_per_day);
}

void add_budgets(QuotaCall& call, const Budget& budget, QuotaOwner owner, const TimeZone& zone,
                 WallTime now) {
  if (budget.none()) return;
  for (const auto period : kBudgetPeriods) {
    const auto& limit = budget.of(period);
    if (!limit) continue;
    const auto window = recent_window_of(period, zone, budget.reset_minute, now);
    call.add({.owner = owner,
              .kind = kind_of(period),
              .is_soft = budget.is_soft(period),
              .limit = *limit,
              .starts_at = window.starts_at,
              .ends_at = window.ends_at});
  }
}

// The stricter one of what counts the same, as the owner whose it is.
void add_shared_limits(QuotaCall& call, const KeyAccess& access, const TimeWindow& day) {
  RateLimit of_user, of_plan;
  const auto split = [&](std::int64_t RateLimit::*field) {
    const auto user = access.user_limits.*field;
    const auto plan = access.plan_limits.*field;
    const bool users_is_stricter = user != 0 && (plan == 0 || user <= plan);
    // Not in one expression: g++ 12 assigns to a copy there.
    auto& owner = users_is_stricter ? of_user : of_plan;
    owner.*field = users_is_stricter ? user : plan;
  };
  split(&RateLimit::tokens_per_minute);
  split(&RateLimit::requests_per_day);
  split(&RateLimit::tokens_per_day);
  add_limits(call, of_user, QuotaOwner::user, day);
  add_limits(call, of_plan, QuotaOwner::plan, day);
}

// By the calendar of UTC, as plans are billed.
void add_month(QuotaCall& call, std::int64_t limit, WallTime now) {
  if (limit == 0) return;
  const auto month = month_of(now);
  call.add({.owner = QuotaOwner::plan,
            .kind = QuotaKind::tokens_per_month,
            .limit = limit,
            .starts_at = month.first,
            .ends_at = month.next});
}

}  // namespace

std::string_view period_of(QuotaKind kind) {
  return to_string(static_cast<BudgetPeriod>(static_cast<std::size_t>(kind) -
                                             static_cast<std::size_t>(QuotaKind::budget_daily)));
}

QuotaCall quotas_of(const KeyAccess& access, WallTime now) {
  QuotaCall call{.user_id = access.user_id, .key_id = access.key_id};
  if (!access.is_limited()) return call;
  const auto& zone = TimeZone::named(access.timezone);
  const auto day = recent_window_of(BudgetPeriod::daily, zone, 0, now);
  add_limits(call, access.limits, QuotaOwner::key, day);
  add_shared_limits(call, access, day);
  add_month(call, access.tokens_per_month, now);
  add_budgets(call, access.budget, QuotaOwner::key, zone, now);
  add_budgets(call, access.user_budget, QuotaOwner::user, zone, now);
  add_budgets(call, access.plan_budget, QuotaOwner::plan, zone, now);
  return call;
}

}  // namespace relay
