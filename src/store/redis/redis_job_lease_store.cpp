#include "store/redis/redis_job_lease_store.h"

#include "store/redis/redis_reading.h"

namespace relay {
namespace {

const RedisScript& job_lease_script() {
  static const RedisScript made = store_script("job_lease_store.lua");
  return made;
}

Result<bool> is_taken(const RedisReply& reply) { return reply.number == 1; }

}  // namespace

Task<bool> RedisJobLeaseStore::take(std::string job, std::string holder, WallTime now, WallTime until) {
  RedisWords words("take");
  words.add(std::move(job)).add(std::move(holder)).add(now).add(until);
  return read_one(database_, job_lease_script(), std::move(words), is_taken);
}

Task<std::string> RedisJobLeaseStore::last_holder(std::string job) {
  RedisWords words("last_holder");
  words.add(std::move(job));
  CO_TRY(auto reply, co_await database_.run(job_lease_script(), std::move(words)));
  co_return std::move(reply.text);
}

Task<> RedisJobLeaseStore::forget(std::string job, std::string holder) {
  RedisWords words("forget");
  words.add(std::move(job)).add(std::move(holder));
  CO_CHECK(co_await database_.run(job_lease_script(), std::move(words)));
  co_return ok;
}

}  // namespace relay
