// Who did what, when and from where; chained by hashes, so that a changed or missing entry shows.
#pragma once

#include "base/clock.h"

#include <string>
#include <string_view>

namespace relay {

struct AuditEntry {
  std::string id{};        // "aud_…"
  std::string actor_id{};  // who did it; empty for the relay itself
  std::string user_id{};   // whose account it was done to
  std::string action{};    // "login", "key.created"
  std::string target{};    // the id of what it was done to; may be empty
  std::string address{};
  std::string request_id{};
  std::string details = "{}";  // a JSON object as text; no secret
  WallTime created_at{};
};

/// The hash of an entry behind the one with hash `previous` (empty for the first): SHA-256 over every field
/// with its length, hex.
std::string chain_hash(std::string_view previous, const AuditEntry& entry);

}  // namespace relay
