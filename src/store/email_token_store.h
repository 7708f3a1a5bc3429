// Where the links sent by e-mail are kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/email_token.h"

#include <cstdint>
#include <string>

namespace relay {

/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class EmailTokenStore {
 public:
  virtual ~EmailTokenStore() = default;

  /// The user's older tokens for the same purpose are dead: the last link that was sent is the one that
  /// works. But for restore: who took an account over could else kill the owner's link by a second change.
  /// not_found "user_unknown"; conflict "duplicate".
  virtual Task<> insert(EmailToken token) = 0;

  /// Uses it up: of two callers one gets it. not_found "email_token_unknown" for one that is not there, was
  /// used, has expired or is for another purpose.
  virtual Task<EmailToken> consume(std::string token_hash, EmailTokenPurpose purpose, WallTime now) = 0;

  /// The user's tokens for this purpose are dead.
  virtual Task<> discard(std::string user_id, EmailTokenPurpose purpose) = 0;

  /// Deletes those that expired before `before`. Returns how many.
  virtual Task<std::int64_t> delete_expired(WallTime before) = 0;
};

}  // namespace relay
