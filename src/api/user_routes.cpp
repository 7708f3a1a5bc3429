#include "api/user_routes.h"

#include "api/user_object.h"
#include "service/profile_service.h"

namespace relay {
namespace {

struct ProfileObject {
  UserObject user;
};
BOOST_DESCRIBE_STRUCT(ProfileObject, (), (user))

Task<Reply<ProfileObject>> find_profile(ProfileService& profiles, Call call) {
  CO_TRY(auto profile, co_await profiles.find(std::move(call.user_id)));
  ProfileObject object{.user = to_user_object(profile)};
  Reply<ProfileObject> reply{.data = std::move(object)};
  co_return reply;
}

}  // namespace

std::vector<Route> user_routes(ProfileService& profiles) {
  std::vector<Route> routes;
  routes.push_back(make_route<NoFields, ProfileObject>(
      {"GET", "/users/profile", Access::bearer, "getProfile", "Oneself"},
      [&profiles](Call call, NoFields) { return find_profile(profiles, std::move(call)); }));
  return routes;
}

}  // namespace relay
