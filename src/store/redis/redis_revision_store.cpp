#include "store/redis/redis_revision_store.h"

#include "store/redis/redis_reading.h"

namespace relay {
namespace {

const RedisScript& revision_script() {
  static const RedisScript made = store_script("revision_store.lua");
  return made;
}

Result<std::int64_t> to_revision(const RedisReply& reply) { return reply.number; }

}  // namespace

Task<std::int64_t> RedisRevisionStore::bump() {
  return read_one(database_, revision_script(), RedisWords("bump"), to_revision);
}

Task<std::int64_t> RedisRevisionStore::current() {
  return read_one(database_, revision_script(), RedisWords("current"), to_revision);
}

}  // namespace relay
