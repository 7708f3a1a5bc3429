#include "domain/user.h"

#include "text/base62.h"

#include <algorithm>

namespace relay {

namespace {

bool may_be_in_username(char c) { return is_base62(c) || c == '_' || c == '.' || c == '-'; }

}  // namespace

Result<Username> Username::parse(std::string_view text) {
  if (text.size() < 3 || text.size() > 32 || !std::ranges::all_of(text, may_be_in_username)) {
    return Error(ErrorKind::validation, "username_invalid", "Invalid username")
        .on_field("username", "must be 3 to 32 letters, digits, dots, underscores and hyphens");
  }
  return Username(std::string(text));
}

Username Username::from_words(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (may_be_in_username(c) && name.size() < 24) name += c;
  }
  while (name.size() < 3) name += '_';
  return Username(std::move(name));
}

std::string_view to_string(UserStatus status) {
  switch (status) {
    case UserStatus::active:
      return "active";
    case UserStatus::inactive:
      return "inactive";
    case UserStatus::suspended:
      return "suspended";
    case UserStatus::deleted:
      return "deleted";
  }
  return "deleted";
}

Result<UserStatus> parse_user_status(std::string_view text) {
  for (const auto status :
       {UserStatus::active, UserStatus::inactive, UserStatus::suspended, UserStatus::deleted}) {
    if (to_string(status) == text) return status;
  }
  return Error(ErrorKind::internal, "bad_status", "Internal error")
      .because("user status " + std::string(text));
}

std::string_view to_string(UserRole role) { return role == UserRole::admin ? "admin" : "user"; }

Result<UserRole> parse_user_role(std::string_view text) {
  if (text == "user") return UserRole::user;
  if (text == "admin") return UserRole::admin;
  return Error(ErrorKind::internal, "bad_role", "Internal error").because("user role " + std::string(text));
}

Result<> User::check_active() const {
  if (status == UserStatus::active) return {};
  return Error(ErrorKind::forbidden, "account_inactive", "Account is not active");
}

}  // namespace relay
