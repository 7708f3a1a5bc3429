#include "store/redis/redis_api_key_store.h"

#include "store/redis/redis_api_key_row.h"
#include "store/redis/redis_reading.h"

#include <algorithm>

namespace relay {
namespace {

// Of one call: the server does nothing else meanwhile.
constexpr std::size_t kTouchesMax = 100;

const RedisScript& api_key_script() {
  static const RedisScript made = store_script("api_key_store.lua");
  return made;
}

Task<> insert_key(RedisDatabase& database, RedisWords words, std::int64_t max_keys) {
  auto inserted = co_await database.perform(api_key_script(), std::move(words));
  if (inserted.has_error() && inserted.error().code() == "key_limit_reached") {
    co_return Error(ErrorKind::limit_exceeded, "key_limit_reached",
                    "Maximum number of API keys (" + std::to_string(max_keys) + ") reached for your plan");
  }
  co_return inserted;
}

Task<> touch_in_pieces(RedisDatabase& database, std::vector<KeyTouch> touches) {
  for (std::size_t from = 0; from < touches.size(); from += kTouchesMax) {
    const auto until = std::min(touches.size(), from + kTouchesMax);
    RedisWords words("touch_last_used");
    words.add(static_cast<std::int64_t>(until - from));
    for (auto i = from; i < until; ++i)
      words.add(touches[i].key_id).add(touches[i].at).add(touches[i].address);
    CO_CHECK(co_await database.perform(api_key_script(), std::move(words)));
  }
  co_return ok;
}

Task<std::int64_t> count_keys(RedisDatabase& database, RedisWords words) {
  CO_TRY(const auto reply, co_await database.run(api_key_script(), std::move(words)));
  co_return reply.number;
}

}  // namespace

Task<> RedisApiKeyStore::insert(ApiKey key, std::int64_t max_keys) {
  return insert_key(database_, RedisWords("insert").add(to_fields(key)).add(max_keys), max_keys);
}

Task<KeyAccess> RedisApiKeyStore::find_access(ApiKeyHash hash) {
  return read_one(database_, api_key_script(), RedisWords("find_access").add(hash.hex()), to_key_access);
}

Task<KeyAccess> RedisApiKeyStore::find_access_by_id(std::string key_id) {
  return read_one(database_, api_key_script(), RedisWords("find_access_by_id").add(std::move(key_id)),
                  to_key_access);
}

Task<ApiKey> RedisApiKeyStore::find(std::string user_id, std::string key_id) {
  return read_one(database_, api_key_script(),
                  RedisWords("find").add(std::move(user_id)).add(std::move(key_id)), to_api_key);
}

Task<ApiKey> RedisApiKeyStore::find_by_hash(ApiKeyHash hash) {
  return read_one(database_, api_key_script(), RedisWords("find_by_hash").add(hash.hex()), to_api_key);
}

Task<ApiKey> RedisApiKeyStore::find_by_id(std::string key_id) {
  return read_one(database_, api_key_script(), RedisWords("find_by_id").add(std::move(key_id)), to_api_key);
}

Task<Page<ApiKey>> RedisApiKeyStore::list_by_user(std::string user_id, ApiKeyFilter filter,
                                                  PageRequest page) {
  filter.user_id = std::move(user_id);
  return list(std::move(filter), std::move(page));
}

Task<Page<ApiKey>> RedisApiKeyStore::list(ApiKeyFilter filter, PageRequest page) {
  std::vector<std::string> user;
  if (filter.user_id) user.push_back(*std::move(filter.user_id));
  RedisWords words("list");
  words.add(user)
      .add(filter.status ? to_string(*filter.status) : "")
      .add(filter.now)
      .add(std::move(filter.search));
  return read_page(database_, api_key_script(), std::move(words), std::move(page), to_api_key);
}

Task<ApiKey> RedisApiKeyStore::update(std::string user_id, std::string key_id, ApiKeyChanges changes,
                                      WallTime now) {
  RedisWords words("update");
  words.add(std::move(user_id)).add(std::move(key_id)).add(to_fields(changes, now));
  return read_one(database_, api_key_script(), std::move(words), to_api_key);
}

Task<> RedisApiKeyStore::revoke(std::string user_id, std::string key_id, WallTime now) {
  return database_.perform(api_key_script(),
                           RedisWords("revoke").add(std::move(user_id)).add(std::move(key_id)).add(now));
}

Task<ApiKey> RedisApiKeyStore::replace_secret(std::string user_id, std::string key_id,
                                              SecretReplacement replacement, WallTime now) {
  RedisFields changes;
  changes.set("key_hash", replacement.hash.hex()).set("key_prefix", replacement.prefix);
  changes.set("key_suffix", replacement.suffix).set("retiring_until_ms", replacement.old_until);
  changes.set("updated_at_ms", now);
  RedisWords words("replace_secret");
  words.add(std::move(user_id)).add(std::move(key_id)).add(changes);
  return read_one(database_, api_key_script(), std::move(words), to_api_key);
}

Task<> RedisApiKeyStore::touch_last_used(std::vector<KeyTouch> touches) {
  return touch_in_pieces(database_, std::move(touches));
}

Task<std::vector<ApiKey>> RedisApiKeyStore::list_expiring(WallTime from, std::string after_id, WallTime until,
                                                          int limit) {
  PagePlace place{.created_at_ms = from.time_since_epoch().count(), .id = std::move(after_id)};
  return read_list(database_, api_key_script(), RedisWords("list_expiring").add(until), std::move(place),
                   limit, to_api_key);
}

Task<std::int64_t> RedisApiKeyStore::delete_revoked(WallTime before, int limit) {
  return database_.repeat(api_key_script(), RedisWords("delete_revoked").add(before), limit);
}

Task<std::int64_t> RedisApiKeyStore::count_by_user(std::string user_id) {
  return count_keys(database_, RedisWords("count_by_user").add(std::move(user_id)));
}

}  // namespace relay
