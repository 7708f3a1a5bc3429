// A link sent by e-mail: it verifies an address, lets a password be set anew or takes a changed address back.
// Works once.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "domain/email_address.h"

#include <string>
#include <string_view>

namespace relay {

/// What is longer is no token of ours.
inline constexpr std::size_t kEmailTokenTextMax = 200;

enum class EmailTokenPurpose { verify, reset, restore };
std::string_view to_string(EmailTokenPurpose purpose);

struct EmailToken {
  std::string token_hash{};  // SHA-256 of the token, hex
  std::string user_id{};
  EmailTokenPurpose purpose = EmailTokenPurpose::verify;
  EmailAddress email;  // where it was sent: it verifies this address and no later one
  WallTime created_at{};
  WallTime expires_at{};
};

}  // namespace relay
