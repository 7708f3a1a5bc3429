#pragma once

#include "store/email_token_store.h"

namespace relay {

class RedisDatabase;

/// Table email_tokens; email_token_store.lua. `database` must outlive it.
class RedisEmailTokenStore final : public EmailTokenStore {
 public:
  explicit RedisEmailTokenStore(RedisDatabase& database) : database_(database) {}

  Task<> insert(EmailToken token) override;
  Task<EmailToken> consume(std::string token_hash, EmailTokenPurpose purpose, WallTime now) override;
  Task<> discard(std::string user_id, EmailTokenPurpose purpose) override;
  Task<std::int64_t> delete_expired(WallTime before) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
