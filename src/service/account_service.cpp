#include "service/account_service.h"

#include "domain/month.h"

#include <algorithm>

namespace relay {
namespace {

constexpr int kPagesMax = 25;  // of 200: five thousand of a kind
constexpr int kUsageRecordsMax = 1'000;
constexpr int kInvoicesMax = 100;

// Every page of a list, up to the bound. `list` is callable as Task<Page<T>>(PageRequest) and outlives the
// call.
template <class T, class List>
Task<std::vector<T>> read_pages(const List& list, const char* name, std::vector<std::string>& truncated) {
  std::vector<T> items;
  PageRequest page{.cursor = "", .limit = kPageLimitMax};
  for (int number = 0; number < kPagesMax; ++number) {
    CO_TRY(auto found, co_await list(page));
    std::move(found.items.begin(), found.items.end(), std::back_inserter(items));
    page.cursor = std::move(found.next_cursor);
    if (page.cursor.empty()) co_return items;
  }
  truncated.emplace_back(name);
  co_return items;
}

}  // namespace

// `truncated` is the caller's, who waits.
Task<std::vector<ApiKey>> AccountService::keys_of(std::string user_id, std::vector<std::string>& truncated) {
  ApiKeyFilter every_key;
  every_key.now = parts_.clock.now();
  const auto list = [&](PageRequest page) {
    return parts_.keys.list_by_user(user_id, every_key, std::move(page));
  };
  co_return co_await read_pages<ApiKey>(list, "keys", truncated);
}

Task<AccountUsage> AccountService::usage(std::string user_id, UsageRange range) {
  CO_TRY(auto answer, co_await parts_.usages.of(user_id, std::nullopt, range));
  // After the report: the user's own counters are never behind it.
  CO_TRY(auto user, co_await parts_.users.find(std::move(user_id)));
  CO_TRY(auto plan, co_await parts_.plans.find(user.plan));
  std::vector<std::string> truncated;
  CO_TRY(const auto keys, co_await keys_of(user.id, truncated));
  std::optional<WallTime> last_used_at;
  for (const auto& key : keys) last_used_at = std::max(last_used_at, key.last_used_at);  // none is the least
  const auto limits = stricter(user.limits, plan.limits);
  co_return AccountUsage{
      .user = std::move(user), .limits = limits, .last_used_at = last_used_at, .answer = std::move(answer)};
}

Task<BillingSummary> AccountService::billing(std::string user_id) {
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  CO_TRY(auto plan, co_await parts_.plans.find(user.plan));
  const auto month = month_of(parts_.clock.now());
  UsageQuery query{.user_id = user_id,
                   .key_id = std::nullopt,
                   .from = month.first,
                   .to = month.next,
                   .granularity = UsageGranularity::day,
                   .by_model = true,
                   .with_latency = false};
  CO_TRY(auto report, co_await parts_.usage.report(std::move(query)));
  PageRequest newest{.cursor = "", .limit = kInvoicesMax};
  CO_TRY(auto records, co_await parts_.billing.list_by_user(std::move(user_id), std::move(newest)));
  co_return BillingSummary{.user = std::move(user),
                           .plan = std::move(plan),
                           .period_start = month.first,
                           .period_end = month.next,
                           .period = std::move(report),
                           .records = std::move(records.items)};
}

Task<AccountExport> AccountService::export_all(Actor owner, std::optional<WallTime> usage_before) {
  const auto user_id = owner.user_id;
  const auto now = parts_.clock.now();
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  std::vector<std::string> truncated;

  CO_TRY(auto keys, co_await keys_of(user_id, truncated));
  CO_TRY(auto sessions, co_await parts_.sessions.list_live(user_id, now));
  CO_TRY(auto identities, co_await parts_.identities.list(user_id));
  const auto list_notifications = [&](PageRequest page) {
    return parts_.notifications.list_by_user(user_id, false, std::move(page));
  };
  CO_TRY(auto notifications,
         co_await read_pages<Notification>(list_notifications, "notifications", truncated));
  const auto list_audit = [&](PageRequest page) { return parts_.audit.list_own(user_id, std::move(page)); };
  CO_TRY(auto audit, co_await read_pages<AuditEntry>(list_audit, "audit", truncated));
  const auto list_billing = [&](PageRequest page) {
    return parts_.billing.list_by_user(user_id, std::move(page));
  };
  CO_TRY(auto billing, co_await read_pages<BillingRecord>(list_billing, "billing", truncated));

  UsageQuery query{.user_id = user_id,
                   .key_id = std::nullopt,
                   .from = std::chrono::floor<std::chrono::days>(user.created_at),
                   .to = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1),
                   .granularity = UsageGranularity::day,
                   .by_model = true,
                   .with_latency = false};
  CO_TRY(auto usage, co_await parts_.usage.report(std::move(query)));
  CO_TRY(auto records, co_await parts_.usage.list_newest(user_id, usage_before.value_or(WallTime::max()),
                                                         kUsageRecordsMax));
  if (records.size() == kUsageRecordsMax) truncated.emplace_back("usageRecords");

  auto act = act_of_user(audit_action::kExported, user_id);
  CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(owner.device)));
  co_return AccountExport{.user = std::move(user),
                          .keys = std::move(keys),
                          .sessions = std::move(sessions),
                          .identities = std::move(identities),
                          .notifications = std::move(notifications),
                          .audit = std::move(audit),
                          .billing = std::move(billing),
                          .usage = std::move(usage),
                          .usage_records = std::move(records),
                          .truncated = std::move(truncated),
                          .made_at = now};
}

Task<> AccountService::erase(Actor owner, PasswordFields password) {
  if (!password.given()) {
    co_return Error(ErrorKind::validation, "password_required", "Password is required")
        .on_field("password", "is required");
  }
  const auto user_id = owner.user_id;
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  // Whoever has stolen a session does not get to guess.
  CO_CHECK(co_await parts_.limits.count(AuthAction::confirm_password, owner.device, user.email.text()));
  auto checked = co_await parts_.passwords.check(std::move(user), std::move(password), owner.device);
  auto act = act_of_user(audit_action::kDeleted, user_id);
  if (checked.has_error()) {
    if (checked.error().kind() == ErrorKind::unauthorized) {
      act.outcome = AuditOutcome::failure;
      CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(owner.device)));
    }
    co_return checked;
  }
  CO_CHECK(co_await parts_.users.erase(user_id, parts_.clock.now()));
  parts_.invalidation.user_changed(user_id);
  CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(owner.device)));
  co_return ok;
}

}  // namespace relay
