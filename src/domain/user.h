// People: who they are and whether they may come in.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "domain/budget.h"
#include "domain/email_address.h"
#include "domain/money.h"
#include "domain/rate_limit.h"
#include "domain/usage_counters.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// 3 to 32 characters of A-Z a-z 0-9 _ . -; kept as written, unique without regard to case.
class Username {
 public:
  /// validation on `username`.
  static Result<Username> parse(std::string_view text);
  static Username from_store(std::string text) { return Username(std::move(text)); }
  /// What can be made of `text`: letters that may not stand in it are left out, it is cut to 24 characters
  /// and filled up to 3. There is room behind it for a number, should it be taken.
  static Username from_words(std::string_view text);

  const std::string& text() const { return text_; }
  friend bool operator==(const Username&, const Username&) = default;

 private:
  explicit Username(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

enum class UserStatus { active, inactive, suspended, deleted };
std::string_view to_string(UserStatus status);
/// internal for another word: the store is the only one that has it as text.
Result<UserStatus> parse_user_status(std::string_view text);

enum class UserRole { user, admin };
std::string_view to_string(UserRole role);
Result<UserRole> parse_user_role(std::string_view text);

struct User {
  std::string id{};  // "usr_…"
  EmailAddress email;
  Username username;
  std::string display_name{};
  std::string password_hash{};  // "$2b$…"; never leaves the service layer
  UserStatus status = UserStatus::active;
  UserRole role = UserRole::user;
  bool email_verified = false;
  std::string plan = "free";  // a Plan's id
  RateLimit limits{};         // of this user over all keys, set by an admin
  Budget budget{};            // the same
  NanoUsd balance_nano_usd = 0;
  std::string timezone = "UTC";  // an IANA name
  std::string locale = "en";
  std::string settings = "{}";  // a JSON object as text
  std::string metadata = "{}";  // a JSON object as text
  UsageCounters usage{};        // kept by the usage store; insert and update pass over it
  std::optional<WallTime> last_login_at{};
  WallTime created_at{};
  WallTime updated_at{};

  /// forbidden "account_inactive" ("Account is not active") unless active.
  Result<> check_active() const;
};

}  // namespace relay
