// Passwords that people choose, before they are hashed.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace relay {

/// 8 to 128 characters (code points), not among the 10,000 commonest, without NUL: NIST SP 800-63B 5.1.1.2
/// has no rule about kinds of characters, and so have we. Never stored, never logged.
class Password {
 public:
  /// validation on `password`: "password_too_short", "password_too_long", "password_invalid",
  /// "password_too_common".
  static Result<Password> parse(std::string text);
  const std::string& text() const { return text_; }

 private:
  explicit Password(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// Without regard to the case of ASCII letters. Knows only those of 8 characters or more.
bool is_common_password(std::string_view text);

}  // namespace relay
