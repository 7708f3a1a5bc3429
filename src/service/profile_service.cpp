#include "service/profile_service.h"

#include "domain/locality.h"
#include "domain/month.h"
#include "text/control_characters.h"
#include "text/utf8.h"

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kDisplayNameMax = 100;
constexpr ThrottleRule kChangesOfEmail{.attempts = 5, .window = 24h};

Result<std::string> parse_display_name(const std::string& text) {
  const auto characters = count_utf8(text);
  if (characters && *characters <= kDisplayNameMax && !has_control_character(text)) return text;
  return Error(ErrorKind::validation, "display_name_invalid", "Invalid display name")
      .on_field("displayName", "must be at most 100 characters without control characters");
}

// The first error's words, every error's fields.
template <class T, class Out>
void take(Result<T> parsed, Out& out, std::optional<Error>& wrong) {
  if (parsed.has_value()) {
    out = *std::move(parsed);
  } else if (!wrong) {
    wrong = std::move(parsed).error();
  } else {
    for (const auto& field : parsed.error().fields()) wrong->on_field(field.field, field.message);
  }
}

Result<UserChanges> check(const ProfileChanges& changes) {
  UserChanges out;
  std::optional<Error> wrong;
  if (changes.username) take(Username::parse(*changes.username), out.username, wrong);
  if (changes.display_name) take(parse_display_name(*changes.display_name), out.display_name, wrong);
  if (changes.email) take(EmailAddress::parse(*changes.email), out.email, wrong);
  if (changes.timezone) take(parse_time_zone(*changes.timezone), out.timezone, wrong);
  if (changes.locale) take(parse_locale(*changes.locale), out.locale, wrong);
  if (wrong) return *std::move(wrong);
  return out;
}

// Which fields, not what is in them.
std::string names_of(const UserChanges& changes) {
  std::string names;
  const auto add = [&names](bool is_set, const char* name) {
    if (is_set) names += (names.empty() ? "" : ",") + std::string(name);
  };
  add(changes.username.has_value(), "username");
  add(changes.display_name.has_value(), "displayName");
  add(changes.email.has_value(), "email");
  add(changes.timezone.has_value(), "timezone");
  add(changes.locale.has_value(), "locale");
  return names;
}

}  // namespace

Task<Profile> ProfileService::find(std::string user_id) {
  CO_TRY(auto user, co_await parts_.users.find(std::move(user_id)));
  co_return co_await complete(std::move(user));
}

Task<Profile> ProfileService::complete(User user) {
  // Whole days: these are read from the roll-ups alone.
  const auto now = parts_.clock.now();
  UsageQuery query{.user_id = user.id,
                   .key_id = std::nullopt,
                   .from = month_of(now).first,
                   .to = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1),
                   .granularity = UsageGranularity::month,
                   .by_model = false,
                   .with_latency = false};
  CO_TRY(auto report, co_await parts_.usage.report(std::move(query)));
  auto two_factor = co_await parts_.two_factors.find(user.id);
  if (two_factor.has_error() && two_factor.error().kind() != ErrorKind::not_found) {
    co_return std::move(two_factor).error();
  }
  co_return Profile{.user = std::move(user),
                    .this_month = report.totals,
                    .has_two_factor = two_factor.has_value() && two_factor->is_on()};
}

Task<Profile> ProfileService::update(std::string user_id, ProfileChanges changes, Device device) {
  CO_TRY(auto update, check(changes));
  CO_TRY(auto before, co_await parts_.users.find(user_id));
  const bool moves = update.email && *update.email != before.email;
  if (moves) {
    CO_CHECK(co_await parts_.throttle.attempt("user:email:" + user_id, kChangesOfEmail));
    update.email_verified = false;
  }
  auto act = act_of_user(moves ? audit_action::kEmailChanged : audit_action::kProfileUpdated, user_id);
  act.details.emplace_back("changed", names_of(update));
  CO_TRY(auto after, co_await parts_.users.update(std::move(user_id), std::move(update), parts_.clock.now()));
  CO_CHECK(co_await parts_.audit.record(std::move(act), device));
  if (moves) CO_CHECK(co_await follow_email(std::move(before), after, std::move(device)));
  co_return co_await complete(std::move(after));
}

Task<> ProfileService::follow_email(User before, User after, Device device) {
  CO_CHECK(co_await parts_.tokens.discard(after.id, EmailTokenPurpose::verify));
  CO_CHECK(co_await parts_.tokens.discard(after.id, EmailTokenPurpose::reset));
  auto mail = parts_.outbox.make(MailKind::verify_email, after.id, after.email.text());
  CO_CHECK(co_await parts_.outbox.put(std::move(mail)));
  auto notice = email_changed_notice(before.email.text(), after.email.text(), device, parts_.clock.now());
  // Without the notice the owner of the old address would not know: then better no success.
  co_return co_await parts_.notifications.tell(std::move(after), std::move(notice));
}

}  // namespace relay
