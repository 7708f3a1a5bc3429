// What an operator does to people from the command line and at the first start. Start-up and commands only:
// the password hash is made on the calling thread. What is done is in the audit trail, as the operator's.
#pragma once

#include "app/stores.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/api_key.h"
#include "domain/audit_chain.h"
#include "domain/user.h"
#include "service/audit_service.h"

#include <optional>
#include <string>

namespace relay {

struct PeopleParts {  // all must outlive the calls
  Stores& stores;
  const Clock& clock;
  Random& random;
  AuditChain audit_chain;
  int bcrypt_cost = 10;
};

struct NewPerson {
  std::string email;
  std::string username;  // empty: made from the e-mail address, with a number where it is taken
  std::string password;  // taken as it is: the caller has checked what people may choose
  UserRole role = UserRole::user;
  std::string plan = "free";
};

struct NewKey {
  ApiKeySecret secret;
  std::string key_id;
};

/// Into the audit trail, as the operator's act.
Task<> note_of_operator(PeopleParts parts, AuditAct act);

/// 20 characters from 120 random bits.
std::string make_password(Random& random);

/// With a verified e-mail address. validation, conflict "email_taken" or "username_taken".
Task<User> make_person(PeopleParts parts, NewPerson person);

/// Without limits of its own. validation on the name; limit_exceeded "key_limit_reached".
Task<NewKey> make_key(PeopleParts parts, std::string user_id, std::string name);

/// Each: not_found "user_unknown"; validation for an unknown role or plan.
Task<User> set_role(PeopleParts parts, std::string email, std::string role);
Task<User> set_plan(PeopleParts parts, std::string email, std::string plan);
/// Ends every session of theirs. Who changes people tells running servers of it: app/shared_state.h.
Task<User> set_password(PeopleParts parts, std::string email, std::string password);

}  // namespace relay
