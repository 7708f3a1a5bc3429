#pragma once

#include "store/email_token_store.h"

namespace relay {

class SqlDatabase;

/// Table email_tokens. `database` must outlive it.
class SqlEmailTokenStore final : public EmailTokenStore {
 public:
  explicit SqlEmailTokenStore(SqlDatabase& database) : database_(database) {}

  Task<> insert(EmailToken token) override;
  Task<EmailToken> consume(std::string token_hash, EmailTokenPurpose purpose, WallTime now) override;
  Task<> discard(std::string user_id, EmailTokenPurpose purpose) override;
  Task<std::int64_t> delete_expired(WallTime before) override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
