#include "api/audit_object.h"

#include "api/object_values.h"
#include "api/user_object.h"

namespace relay {

AuditObject to_audit_object(const AuditEntry& entry) {
  return {.id = entry.id,
          .action = entry.action,
          .outcome = std::string(to_string(entry.outcome)),
          .actor = std::string(to_string(entry.actor_kind)),
          .actor_id = unless_empty(entry.actor_id),
          .user_id = unless_empty(entry.user_id),
          .target = unless_empty(entry.target),
          .address = unless_empty(entry.address),
          .user_agent = unless_empty(entry.user_agent),
          .request_id = unless_empty(entry.request_id),
          .details = to_json_object(entry.details),
          .created_at = entry.created_at};
}

AuditObject to_own_audit_object(const AuditEntry& entry) {
  auto object = to_audit_object(entry);
  if (entry.actor_kind != AuditActor::admin) return object;
  object.actor_id.reset();
  object.address.reset();
  object.user_agent.reset();
  return object;
}

}  // namespace relay
