#include "jobs/notice_job.h"

#include "domain/month.h"

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kAhead = 24h * 7;
constexpr int kKeysAtOnce = 100;
constexpr int kThresholds[] = {100, 80};  // the highest that was passed is told

// Without used * 100, which could overflow.
bool has_passed(std::int64_t used, std::int64_t limit, int percent) {
  return used >= limit / 100 * percent + limit % 100 * percent / 100;
}

}  // namespace

Task<> NoticeJob::look_at_keys(const std::atomic<bool>& stopping) {
  const auto now = parts_.clock.now();
  WallTime from = now;
  std::string after;
  while (!stopping) {
    CO_TRY(auto keys, co_await parts_.keys.list_expiring(from, after, now + kAhead, kKeysAtOnce));
    if (keys.empty()) break;
    for (const auto& key : keys) {
      auto notice = key_expiring_notice(key);
      CO_CHECK(co_await parts_.notifications.tell(key.user_id, std::move(notice)));
    }
    from = keys.back().expires_at.value_or(now);
    after = keys.back().id;
  }
  co_return ok;
}

Task<> NoticeJob::look_at_limits(const std::atomic<bool>& stopping) {
  const auto today = std::chrono::floor<std::chrono::days>(parts_.clock.now());
  const auto tomorrow = today + std::chrono::days(1);
  const auto month = month_of(today);
  CO_TRY(auto of_today, co_await parts_.usage.sum_by_user(today, tomorrow));
  CO_TRY(auto of_month, co_await parts_.usage.sum_by_user(month.first, tomorrow));
  for (auto& used : of_today) {
    if (stopping) co_return ok;
    CO_CHECK(co_await look_at_limit(std::move(used), false, tomorrow));
  }
  for (auto& used : of_month) {
    if (stopping) co_return ok;
    CO_CHECK(co_await look_at_limit(std::move(used), true, month.next));
  }
  co_return ok;
}

Task<> NoticeJob::look_at_limit(UserUsage used, bool monthly, WallTime resets_at) {
  auto user = co_await parts_.users.find(used.user_id);
  if (user.has_error()) {
    if (user.error().kind() == ErrorKind::not_found) co_return ok;  // usage outlives its user
    co_return std::move(user).error();
  }
  if (user->check_active().has_error()) co_return ok;
  CO_TRY(const auto plan, co_await parts_.plans.find(user->plan));
  LimitUse use;
  if (monthly) {
    use = {.name = "monthly token limit",
           .id = "tokens_per_month",
           .used = used.tokens,
           .limit = plan.tokens_per_month};
  } else {
    use = {.name = "daily request limit",
           .id = "requests_per_day",
           .used = used.requests,
           .limit = stricter(plan.limits.requests_per_day, user->limits.requests_per_day)};
  }
  use.resets_at = resets_at;
  if (use.limit <= 0) co_return ok;
  for (const int percent : kThresholds) {
    if (!has_passed(use.used, use.limit, percent)) continue;
    use.percent = percent;
    auto notice = limit_near_notice(use);
    co_return co_await parts_.notifications.tell(*std::move(user), std::move(notice));
  }
  co_return ok;
}

}  // namespace relay
