#include "store/redis/redis_two_factor_store.h"

#include "store/redis/redis_reading.h"

namespace relay {
namespace {

const RedisScript& two_factor_script() {
  static const RedisScript made = store_script("two_factor_store.lua");
  return made;
}

Result<TwoFactor> to_two_factor(const RedisReply& reply) {
  if (reply.items.size() != 2) return broken_store("a second factor without its codes");
  TwoFactor found;
  RedisRow row(reply.items[0]);
  row.into("user_id", found.user_id).into("sealed_secret", found.sealed_secret);
  row.into("last_step", found.last_step).into("confirmed_at_ms", found.confirmed_at);
  row.into("created_at_ms", found.created_at);
  CHECK(row.check());
  found.recovery_codes_left = reply.items[1].number;
  return found;
}

}  // namespace

Task<> RedisTwoFactorStore::begin(TwoFactor two_factor) {
  RedisFields row;
  row.set("user_id", two_factor.user_id).set("sealed_secret", two_factor.sealed_secret);
  row.set("last_step", std::int64_t{0}).set("created_at_ms", two_factor.created_at);
  return database_.perform(two_factor_script(), RedisWords("begin").add(row));
}

Task<TwoFactor> RedisTwoFactorStore::find(std::string user_id) {
  return read_one(database_, two_factor_script(), RedisWords("find").add(std::move(user_id)), to_two_factor);
}

Task<> RedisTwoFactorStore::confirm(std::string user_id, std::string sealed_secret, std::int64_t step,
                                    std::vector<std::string> recovery_hashes, WallTime now) {
  RedisWords words("confirm");
  words.add(std::move(user_id)).add(std::move(sealed_secret)).add(step).add(recovery_hashes).add(now);
  return database_.perform(two_factor_script(), std::move(words));
}

Task<> RedisTwoFactorStore::use_step(std::string user_id, std::int64_t step) {
  return database_.perform(two_factor_script(), RedisWords("use_step").add(std::move(user_id)).add(step));
}

Task<> RedisTwoFactorStore::use_recovery_code(std::string user_id, std::string recovery_hash, WallTime now) {
  RedisWords words("use_recovery_code");
  words.add(std::move(user_id)).add(std::move(recovery_hash)).add(now);
  return database_.perform(two_factor_script(), std::move(words));
}

Task<> RedisTwoFactorStore::replace_recovery_codes(std::string user_id,
                                                   std::vector<std::string> recovery_hashes) {
  RedisWords words("replace_recovery_codes");
  words.add(std::move(user_id)).add(recovery_hashes);
  return database_.perform(two_factor_script(), std::move(words));
}

Task<bool> RedisTwoFactorStore::reseal(std::string user_id, std::string before, std::string after) {
  RedisWords words("reseal");
  words.add(std::move(user_id)).add(std::move(before)).add(std::move(after));
  return read_one(database_, two_factor_script(), std::move(words), is_one);
}

Task<> RedisTwoFactorStore::remove(std::string user_id) {
  return database_.perform(two_factor_script(), RedisWords("remove").add(std::move(user_id)));
}

}  // namespace relay
