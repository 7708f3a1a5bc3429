#include "store/redis/redis_provider_object_store.h"

#include "store/redis/redis_reading.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace relay {
namespace {

constexpr int kRedisObjectsMax = 1001;
constexpr std::size_t kInsertedAtOnce = 50;

const RedisScript& provider_object_script() {
  static const RedisScript made = store_script("provider_object_store.lua");
  return made;
}

RedisFields fields_of(const ProviderObject& object) {
  RedisFields fields;
  fields.set("id", object.id).set("provider", object.provider);
  fields.set("kind", static_cast<std::int64_t>(object.kind)).set("user_id", object.user_id);
  fields.set("key_id", object.key_id).set("account_id", object.account_id).set("model", object.model);
  fields.set("purpose", object.purpose).set("batch_id", object.batch_id);
  fields.set("created_at_ms", object.created_at).set("expires_at_ms", object.expires_at);
  fields.set("usage_recorded", object.usage_recorded);
  return fields;
}

Result<ProviderObject> to_provider_object(const RedisReply& reply) {
  RedisRow row(reply);
  if (row.is_empty()) return Error(ErrorKind::not_found, "object_unknown", "No such object");
  ProviderObject object;
  std::int64_t kind = 0;
  row.into("id", object.id).into("provider", object.provider).into("kind", kind);
  row.into("user_id", object.user_id).into("key_id", object.key_id).into("account_id", object.account_id);
  row.into("model", object.model).into("purpose", object.purpose).into("batch_id", object.batch_id);
  row.into("created_at_ms", object.created_at).into("expires_at_ms", object.expires_at);
  CHECK(row.into("usage_recorded", object.usage_recorded).check());
  object.kind = static_cast<ProviderObjectKind>(kind);
  return object;
}

PagePlace start_of(const ProviderObjectQuery& query) {
  if (query.behind) return *query.behind;
  return query.oldest_first ? place_before_all() : PagePlace();
}

}  // namespace

Task<> RedisProviderObjectStore::insert(std::vector<ProviderObject> objects) {
  for (std::size_t from = 0; from < objects.size(); from += kInsertedAtOnce) {
    const auto count = std::min(kInsertedAtOnce, objects.size() - from);
    RedisWords words("insert");
    words.add(static_cast<std::int64_t>(count));
    for (std::size_t i = 0; i < count; ++i) words.add(fields_of(objects[from + i]));
    CO_CHECK(co_await database_.perform(provider_object_script(), std::move(words)));
  }
  co_return ok;
}

Task<ProviderObject> RedisProviderObjectStore::find(std::string id) {
  RedisWords words("find");
  words.add(std::move(id));
  return read_one(database_, provider_object_script(), std::move(words), to_provider_object);
}

Task<std::vector<ProviderObject>> RedisProviderObjectStore::list(ProviderObjectQuery query) {
  RedisWords words(query.oldest_first ? "list_on" : "list");
  words.add(query.user_id).add(query.provider).add(static_cast<std::int64_t>(query.kind)).add(query.purpose);
  const int wanted = std::clamp(query.limit, 1, kRedisObjectsMax);
  return read_list(database_, provider_object_script(), std::move(words), start_of(query), wanted,
                   to_provider_object);
}

Task<> RedisProviderObjectStore::set_usage_recorded(std::string id) {
  RedisWords words("set_usage_recorded");
  words.add(std::move(id));
  return database_.perform(provider_object_script(), std::move(words));
}

Task<> RedisProviderObjectStore::remove(std::string id) {
  RedisWords words("remove");
  words.add(std::move(id));
  return database_.perform(provider_object_script(), std::move(words));
}

Task<std::int64_t> RedisProviderObjectStore::delete_expired(WallTime before, int limit) {
  RedisWords words("delete_expired");
  words.add(before);
  return database_.repeat(provider_object_script(), std::move(words), limit);
}

}  // namespace relay
