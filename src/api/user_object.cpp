#include "api/user_object.h"

#include "domain/budget.h"

#include <boost/json/parse.hpp>

namespace relay {

boost::json::object to_json_object(const std::string& text) {
  boost::system::error_code ec;
  auto value = boost::json::parse(text, ec);
  if (ec || !value.is_object()) return {};
  return std::move(value.get_object());
}

UserObject to_user_object(const Profile& profile) {
  const User& user = profile.user;
  return {.id = user.id,
          .email = user.email.text(),
          .username = user.username.text(),
          .display_name = user.display_name,
          .status = std::string(to_string(user.status)),
          .role = std::string(to_string(user.role)),
          .email_verified = user.email_verified,
          .mfa_enabled = profile.has_two_factor,
          .plan = user.plan,
          .balance = to_usd(user.balance_nano_usd),
          .usage_monthly = profile.this_month.usage.total_tokens(),
          .usage_total = user.usage.tokens,
          .timezone = user.timezone,
          .locale = user.locale,
          .settings = to_json_object(user.settings),
          .metadata = to_json_object(user.metadata),
          .last_login_at = user.last_login_at,
          .created_at = user.created_at,
          .updated_at = user.updated_at,
          .verbatim_created_at = user.created_at,
          .verbatim_updated_at = user.updated_at};
}

}  // namespace relay
