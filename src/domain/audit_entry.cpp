#include "domain/audit_entry.h"

#include "crypto/sha256.h"

namespace relay {

std::string chain_hash(std::string_view previous, const AuditEntry& entry) {
  const auto created_at = std::to_string(entry.created_at.time_since_epoch().count());
  std::string text;
  // The lengths keep apart what would read alike: ("ab", "c") and ("a", "bc").
  for (const std::string_view field :
       {previous, std::string_view(entry.id), std::string_view(entry.actor_id),
        std::string_view(entry.user_id), std::string_view(entry.action), std::string_view(entry.target),
        std::string_view(entry.address), std::string_view(entry.request_id), std::string_view(entry.details),
        std::string_view(created_at)}) {
    text.append(std::to_string(field.size())).append(":").append(field);
  }
  return sha256_hex(text);
}

}  // namespace relay
