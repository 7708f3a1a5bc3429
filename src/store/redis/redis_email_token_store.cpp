#include "store/redis/redis_email_token_store.h"

#include "store/redis/redis_reading.h"

namespace relay {
namespace {

const RedisScript& email_token_script() {
  static const RedisScript made = store_script("email_token_store.lua");
  return made;
}

Task<EmailToken> consume_token(RedisDatabase& database, RedisWords words, EmailTokenPurpose purpose) {
  CO_TRY(const auto reply, co_await database.run(email_token_script(), std::move(words)));
  EmailToken token{.purpose = purpose, .email = EmailAddress::from_store("")};
  std::string email;
  RedisRow row(reply);
  row.into("token_hash", token.token_hash).into("user_id", token.user_id).into("email", email);
  row.into("created_at_ms", token.created_at).into("expires_at_ms", token.expires_at);
  CO_CHECK(row.check());
  token.email = EmailAddress::from_store(std::move(email));
  co_return token;
}

Task<> discard_all(RedisDatabase& database, RedisWords words) {
  CO_CHECK(co_await database.repeat(email_token_script(), std::move(words), kNoLimit));
  co_return ok;
}

}  // namespace

Task<> RedisEmailTokenStore::insert(EmailToken token) {
  RedisFields row;
  row.set("token_hash", token.token_hash)
      .set("user_id", token.user_id)
      .set("purpose", to_string(token.purpose));
  row.set("email", token.email.text()).set("created_at_ms", token.created_at);
  row.set("expires_at_ms", token.expires_at);
  return database_.perform(email_token_script(), RedisWords("insert").add(row));
}

Task<EmailToken> RedisEmailTokenStore::consume(std::string token_hash, EmailTokenPurpose purpose,
                                               WallTime now) {
  RedisWords words("consume");
  words.add(std::move(token_hash)).add(to_string(purpose)).add(now);
  return consume_token(database_, std::move(words), purpose);
}

Task<> RedisEmailTokenStore::discard(std::string user_id, EmailTokenPurpose purpose) {
  return discard_all(database_, RedisWords("discard").add(std::move(user_id)).add(to_string(purpose)));
}

Task<std::int64_t> RedisEmailTokenStore::delete_expired(WallTime before) {
  return database_.repeat(email_token_script(), RedisWords("delete_expired").add(before), kNoLimit);
}

}  // namespace relay
