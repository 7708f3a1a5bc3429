// The second factor of an account: an authenticator app's secret, and recovery codes for when it is lost.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// What an authenticator's secret is sealed for (SealedBox::seal).
inline constexpr std::string_view kTotpSealPurpose = "totp secret";

struct TwoFactor {
  std::string user_id{};
  std::string sealed_secret{};             // a record of SealedBox
  std::optional<WallTime> confirmed_at{};  // nothing: set up, but no code was seen yet; it asks for nothing
  std::int64_t last_step = 0;              // the newest TOTP step that was used: none up to it works again
  std::int64_t recovery_codes_left = 0;
  WallTime created_at{};

  bool is_on() const { return confirmed_at.has_value(); }
};

}  // namespace relay
