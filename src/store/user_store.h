// Where people are kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/user.h"
#include "store/page.h"

#include <cstdint>
#include <optional>
#include <string>

namespace relay {

/// The fields that are set are changed, the others stay. `password_hash` ends no session: that is the
/// service's to do.
struct UserChanges {
  std::optional<EmailAddress> email{};
  std::optional<Username> username{};
  std::optional<std::string> display_name{};
  std::optional<std::string> password_hash{};
  std::optional<UserStatus> status{};
  std::optional<UserRole> role{};
  std::optional<bool> email_verified{};
  std::optional<std::string> plan{};
  std::optional<RateLimit> limits{};
  std::optional<Budget> budget{};
  std::optional<std::string> timezone{};
  std::optional<std::string> locale{};
  std::optional<std::string> settings{};
  std::optional<std::string> metadata{};
};

struct UserFilter {
  std::optional<UserStatus> status{};
  std::optional<UserRole> role{};
  std::string plan{};    // empty: any
  std::string search{};  // in e-mail or username, without regard to case; empty: all
};

/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class UserStore {
 public:
  virtual ~UserStore() = default;

  /// conflict "email_taken" or "username_taken"; validation on `plan` when there is no such plan.
  virtual Task<> insert(User user) = 0;

  /// Each: not_found "user_unknown". Deleted users are found too.
  virtual Task<User> find(std::string user_id) = 0;
  virtual Task<User> find_by_email(EmailAddress email) = 0;

  /// The user after the change. not_found; conflict and validation as for insert; conflict "last_admin" when
  /// no active admin would be left.
  virtual Task<User> update(std::string user_id, UserChanges changes, WallTime now) = 0;

  /// Passes for an unknown user too: nothing hangs on it.
  virtual Task<> record_login(std::string user_id, WallTime now) = 0;

  /// Every user, newest first.
  virtual Task<Page<User>> list(UserFilter filter, PageRequest page) = 0;

  /// Personal data is replaced by words without a person, the status is deleted, sessions, e-mail
  /// tokens and notifications are gone, keys are revoked; usage stays under the id. not_found;
  /// conflict "last_admin".
  virtual Task<> erase(std::string user_id, WallTime now) = 0;

  /// Deletes at most `limit` erased users that were not changed since `before`, with their keys; who has
  /// billing records stays for them. Usage stays under the id. Returns how many.
  virtual Task<std::int64_t> delete_erased(WallTime before, int limit) = 0;
};

}  // namespace relay
