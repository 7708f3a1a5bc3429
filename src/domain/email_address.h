// E-mail addresses, in the one form in which they are compared and kept.
#pragma once

#include "base/result.h"

#include <compare>
#include <string>
#include <string_view>

namespace relay {

/// Lower case, no white space around it, at most 254 characters (RFC 5321 4.5.3.1.3): equal texts are
/// the same mailbox.
class EmailAddress {
 public:
  /// validation on `email`. A syntax check only (local part, '@', a host name with a dot or
  /// "localhost"): whether the mailbox is there is what verification finds out.
  static Result<EmailAddress> parse(std::string_view text);
  static EmailAddress from_store(std::string text) { return EmailAddress(std::move(text)); }

  const std::string& text() const { return text_; }
  friend auto operator<=>(const EmailAddress&, const EmailAddress&) = default;

 private:
  explicit EmailAddress(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace relay
