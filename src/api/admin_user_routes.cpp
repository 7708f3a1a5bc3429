#include "api/admin_routes.h"
#include "api/field_reader.h"
#include "api/key_object.h"
#include "api/key_usage_object.h"
#include "api/paging.h"
#include "api/user_object.h"
#include "service/admin_service.h"
#include "service/profile_service.h"
#include "service/usage_service.h"

namespace relay {
namespace {

struct AdminUserObject : UserObject {
  RateLimitObject rate_limit;  // the user's own, beside the plan's and the keys'
  BudgetObject budget;         // the same
};
BOOST_DESCRIBE_STRUCT(AdminUserObject, (UserObject), (rate_limit, budget))

struct UserListQuery : PageQuery {
  std::optional<std::string> status;
  std::optional<std::string> role;
  std::optional<Text<0, 100>> plan;
  std::optional<Text<0, 100>> search;  // in e-mail and username
};
BOOST_DESCRIBE_STRUCT(UserListQuery, (PageQuery), (status, role, plan, search))

struct AdminUserFields {
  Patch<std::string> status;  // active, inactive or suspended
  Patch<std::string> role;    // user or admin
  Patch<std::string> plan;
  Patch<RateLimitObject> rate_limit;
  Patch<BudgetObject> budget;
};
BOOST_DESCRIBE_STRUCT(AdminUserFields, (), (status, role, plan, rate_limit, budget))

using UserReply = Reply<AdminUserObject>;

Result<UserStatus> to_status(const std::string& text, bool may_be_deleted) {
  auto status = parse_user_status(text);
  if (status.has_value() && (may_be_deleted || *status != UserStatus::deleted)) return status;
  return Error(ErrorKind::validation, "status_invalid", "The status is not valid")
      .on_field("status", may_be_deleted ? "must be active, inactive, suspended or deleted"
                                         : "must be active, inactive or suspended");
}

Result<UserRole> to_role(const std::string& text) {
  auto role = parse_user_role(text);
  if (role.has_value()) return role;
  return Error(ErrorKind::validation, "role_invalid", "The role is not valid")
      .on_field("role", "must be user or admin");
}

Result<UserFilter> to_filter(const UserListQuery& query) {
  UserFilter filter;
  FieldReader reader;
  if (query.status && !query.status->empty()) reader.take(to_status(*query.status, true), filter.status);
  if (query.role && !query.role->empty()) reader.take(to_role(*query.role), filter.role);
  if (query.plan) filter.plan = query.plan->value;
  if (query.search) filter.search = query.search->value;
  CHECK(std::move(reader).outcome());
  return filter;
}

Result<AdminUserChanges> to_changes(const AdminUserFields& fields) {
  AdminUserChanges changes;
  FieldReader reader;
  if (fields.status.present) reader.take(to_status(fields.status.value.value_or(""), false), changes.status);
  if (fields.role.present) reader.take(to_role(fields.role.value.value_or("")), changes.role);
  if (fields.plan.present) changes.plan = fields.plan.value.value_or("");
  if (fields.rate_limit.present) {
    reader.take(to_rate_limit(fields.rate_limit.value.value_or(RateLimitObject{})), changes.limits);
  }
  if (fields.budget.present)
    reader.take(to_budget(fields.budget.value.value_or(BudgetObject{})), changes.budget);
  CHECK(std::move(reader).outcome());
  return changes;
}

AdminUserObject to_admin_user_object(const Profile& profile) {
  AdminUserObject object;
  static_cast<UserObject&>(object) = to_user_object(profile);
  object.rate_limit = to_rate_limit_object(profile.user.limits);
  object.budget = to_budget_object(profile.user.budget);
  return object;
}

Task<UserReply> to_reply(ProfileService& profiles, User user, std::string message) {
  CO_TRY(auto profile, co_await profiles.complete(std::move(user)));
  UserReply reply{.data = to_admin_user_object(profile), .message = std::move(message)};
  co_return reply;
}

Task<Reply<std::vector<AdminUserObject>, NextPage>> list_users(AdminRouteParts parts, UserListQuery query) {
  CO_TRY(auto filter, to_filter(query));
  CO_TRY(auto found, co_await parts.admin.list_users(std::move(filter), to_page_request(query)));
  Reply<std::vector<AdminUserObject>, NextPage> reply;
  for (auto& user : found.items) {
    CO_TRY(auto profile, co_await parts.profiles.complete(std::move(user)));
    reply.data.push_back(to_admin_user_object(profile));
  }
  reply.top = to_next_page(std::move(found.next_cursor));
  co_return reply;
}

Task<UserReply> find_user(AdminRouteParts parts, Call call) {
  CO_TRY(auto user, co_await parts.admin.find_user(std::move(call.path_values.at(0))));
  co_return co_await to_reply(parts.profiles, std::move(user), "");
}

Task<UserReply> update_user(AdminRouteParts parts, Call call, AdminUserFields fields) {
  CO_TRY(auto changes, to_changes(fields));
  CO_TRY(auto user, co_await parts.admin.update_user(actor_of(call), std::move(call.path_values.at(0)),
                                                     std::move(changes)));
  co_return co_await to_reply(parts.profiles, std::move(user), "User updated successfully");
}

Task<UserReply> set_status(AdminRouteParts parts, Call call, UserStatus status) {
  AdminUserChanges changes;
  changes.status = status;
  CO_TRY(auto user, co_await parts.admin.update_user(actor_of(call), std::move(call.path_values.at(0)),
                                                     std::move(changes)));
  co_return co_await to_reply(
      parts.profiles, std::move(user),
      status == UserStatus::active ? "User activated successfully" : "User suspended successfully");
}

Task<UserReply> reset_password(AdminRouteParts parts, Call call) {
  CO_TRY(auto user,
         co_await parts.admin.force_password_reset(actor_of(call), std::move(call.path_values.at(0))));
  co_return co_await to_reply(
      parts.profiles, std::move(user),
      "The password was taken away, every session has ended, and a link to set a new one is on its way");
}

Task<UserReply> turn_off_two_factor(AdminRouteParts parts, Call call) {
  CO_TRY(auto user,
         co_await parts.admin.turn_off_two_factor(actor_of(call), std::move(call.path_values.at(0))));
  co_return co_await to_reply(parts.profiles, std::move(user),
                              "Two-factor authentication is off, and every session has ended");
}

Task<Reply<NoFields>> revoke_sessions(AdminRouteParts parts, Call call) {
  CO_CHECK(co_await parts.admin.revoke_sessions(actor_of(call), std::move(call.path_values.at(0))));
  Reply<NoFields> reply{.message = "Every session has ended"};
  co_return reply;
}

Task<Reply<NoFields>> erase_user(AdminRouteParts parts, Call call) {
  CO_CHECK(co_await parts.admin.erase_user(actor_of(call), std::move(call.path_values.at(0))));
  Reply<NoFields> reply{.message = "User deleted successfully"};
  co_return reply;
}

const StatedError kNobody{ErrorKind::not_found, {"user_unknown"}};
const StatedError kNotThisOne{ErrorKind::conflict, {"own_account", "last_admin", "user_deleted"}};

}  // namespace

std::vector<Route> admin_user_routes(AdminRouteParts parts) {
  std::vector<Route> routes;
  routes.push_back(make_route<UserListQuery, std::vector<AdminUserObject>, NextPage>(
      admin_spec("GET", "/api/admin/users", "adminListUsers", "Everybody, newest first",
                 {{ErrorKind::validation, {"status_invalid", "role_invalid", "cursor_invalid"}}}),
      [parts](Call, UserListQuery query) { return list_users(parts, std::move(query)); }));
  routes.push_back(make_route<NoFields, AdminUserObject>(
      admin_spec("GET", "/api/admin/users/{id}", "adminGetUser", "One person", {kNobody}),
      [parts](Call call, NoFields) { return find_user(parts, std::move(call)); }));
  routes.push_back(make_route<AdminUserFields, AdminUserObject>(
      admin_spec("PUT", "/api/admin/users/{id}", "adminUpdateUser",
                 "Set status, role, plan, limits and budget; what is not named stays, one's own status and "
                 "role can't be "
                 "changed",
                 {kNobody,
                  kNotThisOne,
                  {ErrorKind::validation,
                   {"status_invalid", "role_invalid", "plan_unknown", "rate_limit_invalid", "amount_invalid",
                    "budget_invalid"}}}),
      [parts](Call call, AdminUserFields fields) {
        return update_user(parts, std::move(call), std::move(fields));
      }));
  routes.push_back(make_route<NoFields, AdminUserObject>(
      admin_spec("POST", "/api/admin/users/{id}/suspend", "adminSuspendUser",
                 "Refuse relayed calls and sessions of a person at once", {kNobody, kNotThisOne}),
      [parts](Call call, NoFields) { return set_status(parts, std::move(call), UserStatus::suspended); }));
  routes.push_back(make_route<NoFields, AdminUserObject>(
      admin_spec("POST", "/api/admin/users/{id}/activate", "adminActivateUser", "Let a person in again",
                 {kNobody, kNotThisOne}),
      [parts](Call call, NoFields) { return set_status(parts, std::move(call), UserStatus::active); }));
  routes.push_back(make_route<NoFields, AdminUserObject>(
      admin_spec("POST", "/api/admin/users/{id}/reset-password", "adminResetPassword",
                 "Make the password unusable, end every session, and send the link to set a new one",
                 {kNobody, {ErrorKind::conflict, {"user_deleted"}}}),
      [parts](Call call, NoFields) { return reset_password(parts, std::move(call)); }));
  routes.push_back(make_route<NoFields, AdminUserObject>(
      admin_spec(
          "DELETE", "/api/admin/users/{id}/two-factor", "adminTurnOffTwoFactor",
          "For who has lost the app and the recovery codes: the password is enough again; ends every session",
          {kNobody, {ErrorKind::conflict, {"user_deleted"}}}),
      [parts](Call call, NoFields) { return turn_off_two_factor(parts, std::move(call)); }));
  routes.push_back(make_route<NoFields, NoFields>(
      admin_spec("DELETE", "/api/admin/users/{id}/sessions", "adminRevokeSessions",
                 "End every session of a person", {kNobody}),
      [parts](Call call, NoFields) { return revoke_sessions(parts, std::move(call)); }));
  routes.push_back(make_route<NoFields, NoFields>(
      admin_spec("DELETE", "/api/admin/users/{id}", "adminDeleteUser",
                 "Erase a person for ever; usage is kept without a name",
                 {kNobody, {ErrorKind::conflict, {"own_account", "last_admin"}}}),
      [parts](Call call, NoFields) { return erase_user(parts, std::move(call)); }));
  return routes;
}

}  // namespace relay
