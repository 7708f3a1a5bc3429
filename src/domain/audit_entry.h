// Who did what to whom, when, from where, and how it ended.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace relay {

enum class AuditActor {
  nobody,     // not known: a sign-in that failed
  user,       // with a session or a link of their own
  admin,      // with an admin's session, to somebody else's account or to the installation
  operator_,  // at the command line
  relay,      // the relay itself: a job, a start
};
std::string_view to_string(AuditActor actor);
/// internal for another word: the store is the only one that has it as text.
Result<AuditActor> parse_audit_actor(std::string_view text);

enum class AuditOutcome { success, failure };
std::string_view to_string(AuditOutcome outcome);
Result<AuditOutcome> parse_audit_outcome(std::string_view text);

struct AuditEntry {
  std::string id{};  // "aud_…"
  AuditActor actor_kind = AuditActor::nobody;
  std::string actor_id{};  // empty for nobody, the operator and the relay
  std::string user_id{};   // whose account it was done to; empty: nobody's
  std::string action{};    // one of domain/audit_action.h
  AuditOutcome outcome = AuditOutcome::success;
  std::string target{};  // the id of what it was done to; may be empty
  std::string address{};
  std::string user_agent{};
  std::string request_id{};
  std::string details = "{}";  // a JSON object as text; no secret, no e-mail address
  WallTime created_at{};
};

}  // namespace relay
