#include "service/notice.h"

#include "domain/budget.h"
#include "service/budget_watch.h"
#include "service/quota_call.h"
#include "text/rfc3339.h"

namespace relay {
namespace {

// "2026-01-01 12:00 UTC": for people.
std::string moment(WallTime time) {
  const auto text = to_rfc3339(time);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string key_display(const ApiKey& key) { return key.prefix + "…" + key.suffix; }

}  // namespace

Notice key_created_notice(const ApiKey& key, WallTime now) {
  return {.kind = NotificationKind::key_created,
          .title = "A new API key: " + key.name.text(),
          .body = "The API key \"" + key.name.text() + "\" (" + key_display(key) + ") was made.",
          .details = {{"key_id", key.id},
                      {"key_name", key.name.text()},
                      {"key_display", key_display(key)},
                      {"when", moment(now)}}};
}

Notice key_expiring_notice(const ApiKey& key) {
  const auto at = key.expires_at.value_or(WallTime());
  return {.kind = NotificationKind::key_expiring,
          .title = "API key " + key.name.text() + " expires soon",
          .body = "The API key \"" + key.name.text() + "\" (" + key_display(key) + ") expires at " +
                  moment(at) + ".",
          .details = {{"key_id", key.id},
                      {"key_name", key.name.text()},
                      {"key_display", key_display(key)},
                      {"expires_at", moment(at)}},
          .subject = "key_expiring " + key.id + " " + to_rfc3339(at)};
}

Notice new_sign_in_notice(const Device& device, WallTime now) {
  const auto words = device_words(device.user_agent);
  return {.kind = NotificationKind::new_sign_in,
          .title = "A new sign-in to your account",
          .body = "Somebody signed in with " + words + " from " + device.address + ".",
          .details = {{"device", words}, {"address", device.address}, {"when", moment(now)}}};
}

Notice password_changed_notice(const Device& device, WallTime now) {
  return {.kind = NotificationKind::password_changed,
          .title = "Your password was changed",
          .body = "The password was changed from " + device.address + ". Other sessions have been ended.",
          .details = {{"address", device.address}, {"when", moment(now)}}};
}

Notice email_changed_notice(const std::string& from, const std::string& to, const Device& device,
                            WallTime now) {
  return {
      .kind = NotificationKind::email_changed,
      .title = "Your e-mail address was changed",
      .body = "The address was changed from " + from + " to " + to + ".",
      .details = {{"old_email", from}, {"new_email", to}, {"address", device.address}, {"when", moment(now)}},
      .mail_to = from};
}

Notice limit_near_notice(const LimitUse& use) {
  const auto percent = std::to_string(use.percent);
  return {.kind = NotificationKind::limit_near,
          .title = percent + " % of your " + use.name + " are used",
          .body = std::to_string(use.used) + " of " + std::to_string(use.limit) + " are used, until " +
                  moment(use.resets_at) + ".",
          .details = {{"limit_id", use.id},
                      {"limit_name", use.name},
                      {"used", std::to_string(use.used)},
                      {"limit", std::to_string(use.limit)},
                      {"percent", percent},
                      {"resets_at", moment(use.resets_at)}},
          .subject = "limit_near " + use.id + " " + percent + " " + to_rfc3339(use.resets_at)};
}

Notice budget_near_notice(const BudgetUse& use) {
  const auto percent = std::to_string(use.percent);
  const std::string period(period_of(use.limit.kind));
  const std::string owner = use.limit.owner == QuotaOwner::key    ? "API key"
                            : use.limit.owner == QuotaOwner::user ? "account"
                                                                  : "plan";
  const bool is_total = use.limit.kind == QuotaKind::budget_total;
  const auto until = is_total ? "." : ", until " + moment(use.limit.ends_at) + ".";
  const auto id = "budget_" + period + " " + owner + " " + use.key_id;
  return {.kind = NotificationKind::limit_near,
          .title = percent + " % of your " + owner + "'s " + period + " budget are spent",
          .body = to_usd(use.spent) + " of " + to_usd(use.limit.limit) + " USD are spent" + until,
          .details = {{"limit_id", "budget_" + period},
                      {"limit_name", period + " budget of your " + owner},
                      {"key_id", use.key_id},
                      {"used", to_usd(use.spent) + " USD"},
                      {"limit", to_usd(use.limit.limit) + " USD"},
                      {"percent", percent},
                      {"resets_at", is_total ? "never" : moment(use.limit.ends_at)}},
          .subject = "limit_near " + id + " " + percent + " " + to_usd(use.limit.limit) + " " +
                     to_rfc3339(use.limit.starts_at)};
}

}  // namespace relay
