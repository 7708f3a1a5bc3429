// An entry of the audit trail as the client API shows it.
#pragma once

#include "domain/audit_entry.h"
#include "json/binding.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace relay {

struct AuditObject {
  std::string id;
  std::string action;
  std::string outcome;  // success or failure
  std::string actor;    // nobody, user, admin, operator or relay
  std::optional<std::string> actor_id;
  std::optional<std::string> user_id;
  std::optional<std::string> target;
  std::optional<std::string> address;
  std::optional<std::string> user_agent;
  std::optional<std::string> request_id;
  boost::json::object details;
  WallTime created_at;
};
BOOST_DESCRIBE_STRUCT(AuditObject, (),
                      (id, action, outcome, actor, actor_id, user_id, target, address, user_agent, request_id,
                       details, created_at))

AuditObject to_audit_object(const AuditEntry& entry);

/// As the person whose account it is may see it: not who an admin was, nor from where.
AuditObject to_own_audit_object(const AuditEntry& entry);

}  // namespace relay
