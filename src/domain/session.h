// A sign-in on one device. Refreshing rotates its secret; parallel refreshes make siblings of one family.
#pragma once

#include "base/clock.h"

#include <chrono>
#include <optional>
#include <string>

namespace relay {

/// How long the token before the current one still works, for two refreshes sent at once.
inline constexpr std::chrono::seconds kRefreshGrace{10};

struct Session {
  std::string id{};         // "ses_…"; the `sid` of access tokens
  std::string family_id{};  // the id of the sign-in that it came from; its own at first
  std::string user_id{};
  std::string refresh_hash{};            // SHA-256 of the refresh token, hex
  std::string previous_refresh_hash{};   // the one before; empty at first
  std::optional<WallTime> rotated_at{};  // when the previous one was replaced
  WallTime created_at{};
  WallTime expires_at{};
  WallTime last_used_at{};
  std::optional<WallTime> revoked_at{};
  std::string user_agent{};  // at most 512 bytes are kept
  std::string address{};

  bool is_live(WallTime now) const { return !revoked_at && expires_at > now; }

  /// Whether `hash` is the previous token, still within its grace.
  bool in_grace(const std::string& hash, WallTime now) const {
    return hash == previous_refresh_hash && rotated_at && now < *rotated_at + kRefreshGrace;
  }
};

}  // namespace relay
