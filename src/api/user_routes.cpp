#include "api/user_routes.h"

#include "api/user_object.h"
#include "service/profile_service.h"

namespace relay {
namespace {

struct ProfileObject {
  UserObject user;
};
BOOST_DESCRIBE_STRUCT(ProfileObject, (), (user))

// What people may set. Role, plan, balance and all else of a user have no name here.
struct ProfileFields {
  std::optional<std::string> email;
  std::optional<std::string> username;
  std::optional<std::string> display_name;
  std::optional<std::string> timezone;  // an IANA name
  std::optional<std::string> locale;    // a language tag
};
BOOST_DESCRIBE_STRUCT(ProfileFields, (), (email, username, display_name, timezone, locale))

Task<Reply<ProfileObject>> find_profile(ProfileService& profiles, Call call) {
  CO_TRY(auto profile, co_await profiles.find(std::move(call.user_id)));
  ProfileObject object{.user = to_user_object(profile)};
  Reply<ProfileObject> reply{.data = std::move(object)};
  co_return reply;
}

Task<Reply<ProfileObject>> update_profile(ProfileService& profiles, Call call, ProfileFields fields) {
  ProfileChanges changes{.username = std::move(fields.username),
                         .display_name = std::move(fields.display_name),
                         .email = std::move(fields.email),
                         .timezone = std::move(fields.timezone),
                         .locale = std::move(fields.locale)};
  CO_TRY(auto profile,
         co_await profiles.update(std::move(call.user_id), std::move(changes), std::move(call.device)));
  ProfileObject object{.user = to_user_object(profile)};
  Reply<ProfileObject> reply{.data = std::move(object), .message = "Profile updated successfully"};
  co_return reply;
}

}  // namespace

std::vector<Route> user_routes(ProfileService& profiles) {
  std::vector<Route> routes;
  routes.push_back(make_route<NoFields, ProfileObject>(
      {"GET", "/users/profile", Access::bearer, "getProfile", "Oneself"},
      [&profiles](Call call, NoFields) { return find_profile(profiles, std::move(call)); }));
  routes.push_back(make_route<ProfileFields, ProfileObject>(
      {"PUT",
       "/users/profile",
       Access::bearer,
       "updateProfile",
       "Change oneself; what is not named stays, a changed e-mail address must be verified anew",
       {{ErrorKind::validation,
         {"email_invalid", "username_invalid", "display_name_invalid", "timezone_invalid", "locale_invalid"}},
        {ErrorKind::conflict, {"email_taken", "username_taken"}},
        {ErrorKind::too_many_requests, {"too_many_attempts"}}}},
      [&profiles](Call call, ProfileFields fields) {
        return update_profile(profiles, std::move(call), std::move(fields));
      }));
  return routes;
}

}  // namespace relay
