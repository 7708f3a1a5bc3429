#include "domain/audit_entry.h"

namespace relay {

std::string_view to_string(AuditActor actor) {
  switch (actor) {
    case AuditActor::nobody:
      return "nobody";
    case AuditActor::user:
      return "user";
    case AuditActor::admin:
      return "admin";
    case AuditActor::operator_:
      return "operator";
    case AuditActor::relay:
      return "relay";
  }
  return "nobody";
}

Result<AuditActor> parse_audit_actor(std::string_view text) {
  for (const auto actor :
       {AuditActor::nobody, AuditActor::user, AuditActor::admin, AuditActor::operator_, AuditActor::relay}) {
    if (to_string(actor) == text) return actor;
  }
  return Error(ErrorKind::internal, "bad_audit_actor", "Internal error").because(std::string(text));
}

std::string_view to_string(AuditOutcome outcome) {
  return outcome == AuditOutcome::success ? "success" : "failure";
}

Result<AuditOutcome> parse_audit_outcome(std::string_view text) {
  for (const auto outcome : {AuditOutcome::success, AuditOutcome::failure}) {
    if (to_string(outcome) == text) return outcome;
  }
  return Error(ErrorKind::internal, "bad_audit_outcome", "Internal error").because(std::string(text));
}

}  // namespace relay
