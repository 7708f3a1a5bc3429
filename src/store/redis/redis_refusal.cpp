#include "store/redis/redis_refusal.h"

#include "store/redis/redis_row.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

struct Refusal {
  std::string_view code;
  ErrorKind kind;
  const char* message;
};

constexpr std::array kRefusals{
    Refusal{"duplicate", ErrorKind::conflict, "It exists already"},
    Refusal{"user_unknown", ErrorKind::not_found, "User not found"},
    Refusal{"email_taken", ErrorKind::conflict, "Email already registered"},
    Refusal{"username_taken", ErrorKind::conflict, "Username already taken"},
    Refusal{"last_admin", ErrorKind::conflict, "There must be an administrator left"},
    Refusal{"session_unknown", ErrorKind::not_found, "Session not found"},
    Refusal{"refresh_token_rotated", ErrorKind::conflict, "The refresh token was used already"},
    Refusal{"api_key_unknown", ErrorKind::not_found, "API key not found"},
    Refusal{"api_key_revoked", ErrorKind::conflict, "The API key is revoked"},
    Refusal{"key_limit_reached", ErrorKind::limit_exceeded,
            "Maximum number of API keys reached for your plan"},
    Refusal{"email_token_unknown", ErrorKind::not_found, "The link is not valid any more"},
    Refusal{"two_factor_unknown", ErrorKind::not_found, "Two-factor authentication is not set up"},
    Refusal{"two_factor_on", ErrorKind::conflict, "Two-factor authentication is on already"},
    Refusal{"code_used", ErrorKind::conflict, "The code was used already"},
    Refusal{"recovery_code_unknown", ErrorKind::not_found, "The recovery code is unknown or used"},
    Refusal{"identity_unknown", ErrorKind::not_found, "There is no such linked account"},
    Refusal{"mail_not_held", ErrorKind::conflict, "Another node has taken this mail"},
    Refusal{"notification_unknown", ErrorKind::not_found, "Notification not found"},
    Refusal{"price_unknown", ErrorKind::not_found, "There is no such price"},
    Refusal{"account_unknown", ErrorKind::not_found, "There is no such account"},
    Refusal{"account_limit_reached", ErrorKind::limit_exceeded, "There may be 1000 accounts at most"},
    Refusal{"identity_taken", ErrorKind::conflict, "This account is linked already"},
    Refusal{"migration_lock_lost", ErrorKind::unavailable, "Another process has begun to migrate the store"},
};

}  // namespace

Error refusal_of(std::string_view reply) {
  constexpr std::string_view kMark = "RELAY ";
  const auto code = reply.starts_with(kMark) ? reply.substr(kMark.size()) : std::string_view();
  // In a plan's place, where it is a field of somebody: what is asked for by id is not found.
  if (code == "plan_unknown") {
    return Error(ErrorKind::validation, "plan_unknown", "There is no such plan")
        .on_field("plan", "must be a plan");
  }
  // Nobody's mistake: whoever is not found may well be in the backup.
  if (code == "store_empty") {
    return Error(ErrorKind::unavailable, "store_unavailable", "The store is not available")
        .because("it has no schema: Redis came back without its data, or the store was never migrated")
        .retry_in(std::chrono::seconds(1));
  }
  const auto found = std::ranges::find(kRefusals, code, &Refusal::code);
  if (found == kRefusals.end()) return broken_store(std::string(reply));
  return Error(found->kind, found->code, found->message);
}

}  // namespace relay
