#include "service/admin_service.h"

namespace relay {
namespace {

Error own_account() {
  return Error(ErrorKind::conflict, "own_account", "An administrator can't do this to their own account");
}

Error user_deleted() { return Error(ErrorKind::conflict, "user_deleted", "The account is deleted"); }

AuditDetails details_of(const AdminUserChanges& changes) {
  AuditDetails details;
  if (changes.status) details.emplace_back("status", to_string(*changes.status));
  if (changes.role) details.emplace_back("role", to_string(*changes.role));
  if (changes.plan) details.emplace_back("plan", *changes.plan);
  if (changes.limits) details.emplace_back("rateLimit", "changed");
  if (changes.budget) details.emplace_back("budget", "changed");
  return details;
}

}  // namespace

// Not a coroutine: what it is given is taken over before it returns.
Task<> AdminService::note(std::string_view action, Actor admin, std::string user_id, std::string target,
                          AuditDetails details) {
  AuditAct act{.action = action,
               .user_id = std::move(user_id),
               .actor_kind = AuditActor::admin,
               .actor_id = std::move(admin.user_id),
               .target = std::move(target),
               .details = std::move(details)};
  return parts_.audit.record(std::move(act), std::move(admin.device));
}

Task<Page<User>> AdminService::list_users(UserFilter filter, PageRequest page) {
  return parts_.users.list(std::move(filter), std::move(page));
}

Task<User> AdminService::find_user(std::string user_id) { return parts_.users.find(std::move(user_id)); }

Task<User> AdminService::update_user(Actor admin, std::string user_id, AdminUserChanges changes) {
  if (admin.user_id == user_id && (changes.status || changes.role)) co_return own_account();
  CO_TRY(auto before, co_await parts_.users.find(user_id));
  if (before.status == UserStatus::deleted) co_return user_deleted();
  auto details = details_of(changes);
  UserChanges applied;
  applied.status = changes.status;
  applied.role = changes.role;
  applied.plan = std::move(changes.plan);
  applied.limits = changes.limits;
  applied.budget = changes.budget;
  CO_TRY(auto user, co_await parts_.users.update(user_id, std::move(applied), parts_.clock.now()));
  parts_.invalidation.user_changed(user_id);
  CO_CHECK(co_await note(audit_action::kUserUpdated, std::move(admin), user_id, user_id, std::move(details)));
  co_return user;
}

Task<> AdminService::revoke_sessions(Actor admin, std::string user_id) {
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  CO_CHECK(co_await parts_.sessions.end_all(user.id, ""));
  AuditDetails none;
  CO_CHECK(
      co_await note(audit_action::kSessionsRevoked, std::move(admin), user.id, user.id, std::move(none)));
  co_return ok;
}

Task<User> AdminService::force_password_reset(Actor admin, std::string user_id) {
  CO_TRY(auto before, co_await parts_.users.find(user_id));
  if (before.status == UserStatus::deleted) co_return user_deleted();
  UserChanges changes;
  changes.password_hash = "";  // fits no password
  CO_TRY(auto user, co_await parts_.users.update(user_id, std::move(changes), parts_.clock.now()));
  CO_CHECK(co_await parts_.sessions.end_all(user_id, ""));
  auto mail = parts_.outbox.make(MailKind::reset_password, user_id, user.email.text());
  CO_CHECK(co_await parts_.outbox.put(std::move(mail)));
  AuditDetails none;
  CO_CHECK(co_await note(audit_action::kPasswordForced, std::move(admin), user_id, user_id, std::move(none)));
  co_return user;
}

Task<User> AdminService::turn_off_two_factor(Actor admin, std::string user_id) {
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  if (user.status == UserStatus::deleted) co_return user_deleted();
  CO_CHECK(co_await parts_.two_factors.remove(user_id));
  CO_CHECK(co_await parts_.sessions.end_all(user_id, ""));
  AuditDetails none;
  CO_CHECK(co_await note(audit_action::kMfaDisabled, std::move(admin), user_id, user_id, std::move(none)));
  co_return user;
}

Task<> AdminService::erase_user(Actor admin, std::string user_id) {
  if (admin.user_id == user_id) co_return own_account();
  CO_CHECK(co_await parts_.users.erase(user_id, parts_.clock.now()));
  parts_.invalidation.user_changed(user_id);
  AuditDetails none;
  CO_CHECK(co_await note(audit_action::kDeleted, std::move(admin), user_id, user_id, std::move(none)));
  co_return ok;
}

Task<Page<ApiKey>> AdminService::list_keys(ApiKeyFilter filter, PageRequest page) {
  filter.now = parts_.clock.now();
  return parts_.keys.list(std::move(filter), std::move(page));
}

Task<ApiKey> AdminService::find_key(std::string key_id) { return parts_.keys.find_by_id(std::move(key_id)); }

Task<ApiKey> AdminService::update_key(Actor admin, std::string key_id, ApiKeyChanges given) {
  CO_TRY(auto before, co_await parts_.keys.find_by_id(key_id));
  ApiKeyChanges changes;
  changes.active = given.active;
  changes.account_group = given.account_group;
  CO_TRY(auto key, co_await parts_.keys.update(before.user_id, std::move(key_id), std::move(changes),
                                               parts_.clock.now()));
  parts_.invalidation.hashes_changed(key);
  AuditDetails details;
  if (given.active) details.emplace_back("status", *given.active ? "active" : "inactive");
  if (given.account_group) details.emplace_back("accountGroup", *given.account_group);
  CO_CHECK(
      co_await note(audit_action::kKeyUpdated, std::move(admin), key.user_id, key.id, std::move(details)));
  co_return key;
}

Task<> AdminService::revoke_key(Actor admin, std::string key_id) {
  CO_TRY(auto key, co_await parts_.keys.find_by_id(key_id));
  CO_CHECK(co_await parts_.keys.revoke(key.user_id, std::move(key_id), parts_.clock.now()));
  parts_.invalidation.hashes_changed(key);
  AuditDetails none;
  CO_CHECK(co_await note(audit_action::kKeyRevoked, std::move(admin), key.user_id, key.id, std::move(none)));
  co_return ok;
}

Task<std::vector<Plan>> AdminService::list_plans() { return parts_.plans.list(); }

Task<Plan> AdminService::find_plan(std::string plan_id) { return parts_.plans.find(std::move(plan_id)); }

Task<Plan> AdminService::put_plan(Actor admin, Plan plan) {
  CO_CHECK(co_await parts_.plans.put(plan));
  parts_.invalidation.plan_changed(plan.id);
  AuditDetails none;
  CO_CHECK(co_await note(audit_action::kPlanPut, std::move(admin), "", plan.id, std::move(none)));
  co_return plan;
}

}  // namespace relay
