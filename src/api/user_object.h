// A person as the client API shows one.
#pragma once

#include "json/binding.h"
#include "service/profile_service.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace relay {

struct UserObject {
  std::string id;
  std::string email;
  std::string username;
  std::string display_name;
  std::string status;
  std::string role;
  bool email_verified = false;
  bool mfa_enabled = false;
  std::string plan;
  std::string balance;             // USD as a decimal
  std::int64_t usage_monthly = 0;  // tokens of this calendar month
  std::int64_t usage_total = 0;    // tokens
  std::string timezone;
  std::string locale;
  boost::json::object settings;
  boost::json::object metadata;
  std::optional<WallTime> last_login_at;
  WallTime created_at;
  WallTime updated_at;
  WallTime verbatim_created_at;  // for clients of the first form
  WallTime verbatim_updated_at;
};
BOOST_DESCRIBE_STRUCT(UserObject, (),
                      (id, email, username, display_name, status, role, email_verified, mfa_enabled, plan,
                       balance, usage_monthly, usage_total, timezone, locale, settings, metadata,
                       last_login_at, created_at, updated_at, verbatim_created_at, verbatim_updated_at))

UserObject to_user_object(const Profile& profile);

/// A JSON object that a store keeps as text; an empty one when it is broken.
boost::json::object to_json_object(const std::string& text);

}  // namespace relay
