#include "store/redis/redis_identity_store.h"

#include "store/redis/redis_reading.h"

namespace relay {
namespace {

const RedisScript& identity_script() {
  static const RedisScript made = store_script("identity_store.lua");
  return made;
}

Result<Identity> to_identity(const RedisReply& reply) {
  Identity identity;
  RedisRow row(reply);
  row.into("id", identity.id).into("user_id", identity.user_id).into("provider", identity.provider);
  row.into("issuer", identity.issuer).into("subject", identity.subject).into("email", identity.email);
  row.into("created_at_ms", identity.created_at).into("last_used_at_ms", identity.last_used_at);
  CHECK(row.check());
  return identity;
}

}  // namespace

Task<> RedisIdentityStore::insert(Identity identity) {
  RedisFields row;
  row.set("id", identity.id).set("user_id", identity.user_id).set("provider", identity.provider);
  row.set("issuer", identity.issuer).set("subject", identity.subject).set("email", identity.email);
  row.set("created_at_ms", identity.created_at).set("last_used_at_ms", identity.last_used_at);
  return database_.perform(identity_script(), RedisWords("insert").add(row));
}

Task<Identity> RedisIdentityStore::find(std::string issuer, std::string subject) {
  RedisWords words("find");
  words.add(std::move(issuer)).add(std::move(subject));
  return read_one(database_, identity_script(), std::move(words), to_identity);
}

Task<std::vector<Identity>> RedisIdentityStore::list(std::string user_id) {
  return read_list(database_, identity_script(), RedisWords("list").add(std::move(user_id)),
                   place_before_all(), kAllRows, to_identity);
}

Task<> RedisIdentityStore::record_use(std::string identity_id, std::string email, WallTime now) {
  RedisWords words("record_use");
  words.add(std::move(identity_id)).add(std::move(email)).add(now);
  return database_.perform(identity_script(), std::move(words));
}

Task<> RedisIdentityStore::remove(std::string user_id, std::string identity_id) {
  RedisWords words("remove");
  words.add(std::move(user_id)).add(std::move(identity_id));
  return database_.perform(identity_script(), std::move(words));
}

}  // namespace relay
