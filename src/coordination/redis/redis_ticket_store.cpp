#include "coordination/redis/redis_ticket_store.h"

#include "coordination/redis/shared_key.h"
#include "redis/redis_client.h"

#include <algorithm>
#include <vector>

namespace relay {
namespace {

// GETDEL, which Redis has from 6.2 on only.
const RedisScript& take_ticket_script() {
  static const RedisScript script(R"(
    local value = redis.call('GET', KEYS[1])
    if value then redis.call('DEL', KEYS[1]) end
    return value
  )");
  return script;
}

Result<std::string> value_of(RedisReply reply) {
  if (!reply.is_nil()) return std::move(reply.text);
  return Error(ErrorKind::not_found, "ticket_unknown", "The ticket is unknown, used or too old");
}

}  // namespace

Task<> RedisTicketStore::put(std::string name, std::string value, std::chrono::milliseconds lifetime) {
  auto command = RedisCommand("SET")
                     .key(shared_key(prefix_, "ticket", name))
                     .arg(value)
                     .arg("PX")
                     .arg(std::max<std::int64_t>(lifetime.count(), 1));
  CO_CHECK(co_await client_.run(std::move(command), kSharedStatePatience));
  co_return ok;
}

Task<std::string> RedisTicketStore::find(std::string name) {
  auto command = RedisCommand("GET").key(shared_key(prefix_, "ticket", name));
  CO_TRY(auto reply, co_await client_.run(std::move(command), kSharedStatePatience));
  co_return value_of(std::move(reply));
}

Task<std::string> RedisTicketStore::take(std::string name) {
  std::vector<std::string> keys(1, shared_key(prefix_, "ticket", name));
  std::vector<std::string> none;
  CO_TRY(auto reply,
         co_await client_.run(take_ticket_script(), std::move(keys), std::move(none), kSharedStatePatience));
  co_return value_of(std::move(reply));
}

}  // namespace relay
