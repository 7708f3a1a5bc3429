#include "app/people.h"

#include "crypto/password_hash.h"
#include "domain/identifier.h"
#include "service/free_username.h"
#include "store/api_key_store.h"
#include "store/plan_store.h"
#include "store/session_store.h"
#include "store/user_store.h"
#include "text/base64.h"

#include <array>
#include <utility>

namespace relay {
namespace {

Task<User> change(PeopleParts parts, std::string email, UserChanges changes, AuditAct act) {
  CO_TRY(auto address, EmailAddress::parse(email));
  CO_TRY(auto user, co_await parts.stores.users().find_by_email(std::move(address)));
  CO_TRY(auto changed, co_await parts.stores.users().update(user.id, std::move(changes), parts.clock.now()));
  act.user_id = changed.id;
  CO_CHECK(co_await note_of_operator(parts, std::move(act)));
  co_return changed;
}

}  // namespace

// A command has no later moment at which to store what waits.
Task<> note_of_operator(PeopleParts parts, AuditAct act) {
  act.actor_kind = AuditActor::operator_;
  AuditService audit({.store = parts.stores.audit(),
                      .chain = parts.audit_chain,
                      .clock = parts.clock,
                      .random = parts.random});
  Device command_line;
  CO_CHECK(co_await audit.record(std::move(act), std::move(command_line)));
  co_return co_await audit.flush();
}

std::string make_password(Random& random) {
  std::array<std::byte, 15> bytes;
  random.fill(bytes);
  return to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Task<User> make_person(PeopleParts parts, NewPerson person) {
  CO_TRY(auto email, EmailAddress::parse(person.email));
  const bool name_given = !person.username.empty();
  auto username = Username::from_words(email.text().substr(0, email.text().find('@')));
  if (name_given) {
    CO_TRY(username, Username::parse(person.username));
  }
  CO_TRY(auto password_hash, hash_password(person.password, parts.bcrypt_cost, parts.random));
  const auto now = parts.clock.now();
  User user{.email = std::move(email), .username = std::move(username)};
  user.id = make_identifier("usr_", now, parts.random);
  user.password_hash = std::move(password_hash);
  user.role = person.role;
  user.plan = person.plan;
  user.email_verified = true;
  user.created_at = now;
  user.updated_at = now;
  if (name_given) {
    CO_CHECK(co_await parts.stores.users().insert(user));
  } else {
    CO_TRY(user, co_await insert_under_free_name(parts.stores.users(), std::move(user)));
  }
  AuditAct act{.action = audit_action::kUserCreated, .user_id = user.id};
  act.details.emplace_back("role", to_string(user.role));
  CO_CHECK(co_await note_of_operator(parts, std::move(act)));
  co_return user;
}

Task<NewKey> make_key(PeopleParts parts, std::string user_id, std::string name) {
  CO_TRY(auto key_name, ApiKeyName::parse(name));
  CO_TRY(auto user, co_await parts.stores.users().find(user_id));
  CO_TRY(auto plan, co_await parts.stores.plans().find(user.plan));
  auto secret = ApiKeySecret::generate(parts.random);
  const auto now = parts.clock.now();
  ApiKey key{.name = std::move(key_name), .hash = ApiKeyHash::of(secret)};
  key.id = make_identifier("key_", now, parts.random);
  key.user_id = std::move(user_id);
  key.prefix = secret.prefix();
  key.suffix = secret.suffix();
  key.created_at = now;
  key.updated_at = now;
  auto key_id = key.id;
  AuditAct act{.action = audit_action::kKeyCreated, .user_id = key.user_id, .target = key.id};
  CO_CHECK(co_await parts.stores.keys().insert(std::move(key), plan.max_keys));
  CO_CHECK(co_await note_of_operator(parts, std::move(act)));
  co_return NewKey{.secret = std::move(secret), .key_id = std::move(key_id)};
}

Task<User> set_role(PeopleParts parts, std::string email, std::string role) {
  UserChanges changes;
  if (role == "admin") {
    changes.role = UserRole::admin;
  } else if (role == "user") {
    changes.role = UserRole::user;
  } else {
    co_return Error(ErrorKind::validation, "role_unknown", "The role is user or admin");
  }
  AuditAct act{.action = audit_action::kUserUpdated};
  act.details.emplace_back("role", role);
  co_return co_await change(parts, std::move(email), std::move(changes), std::move(act));
}

Task<User> set_plan(PeopleParts parts, std::string email, std::string plan) {
  AuditAct act{.action = audit_action::kUserUpdated};
  act.details.emplace_back("plan", plan);
  UserChanges changes;
  changes.plan = std::move(plan);
  co_return co_await change(parts, std::move(email), std::move(changes), std::move(act));
}

Task<User> set_password(PeopleParts parts, std::string email, std::string password) {
  UserChanges changes;
  CO_TRY(changes.password_hash, hash_password(password, parts.bcrypt_cost, parts.random));
  AuditAct act{.action = audit_action::kPasswordForced};
  CO_TRY(auto user, co_await change(parts, std::move(email), std::move(changes), std::move(act)));
  CO_TRY(auto ended, co_await parts.stores.sessions().revoke_all(user.id, "", parts.clock.now()));
  static_cast<void>(ended);
  co_return user;
}

}  // namespace relay
