#include "coordination/redis/redis_nonce_store.h"

#include "coordination/redis/shared_key.h"
#include "redis/redis_client.h"

#include <algorithm>

namespace relay {

Task<> RedisNonceStore::put(std::string nonce, std::chrono::milliseconds lifetime) {
  auto command = RedisCommand("SET")
                     .key(shared_key(prefix_, "nonce", nonce))
                     .arg("1")
                     .arg("PX")
                     .arg(std::max<std::int64_t>(lifetime.count(), 1));
  CO_CHECK(co_await client_.run(std::move(command), kSharedStatePatience));
  co_return ok;
}

Task<> RedisNonceStore::take(std::string nonce) {
  auto command = RedisCommand("DEL").key(shared_key(prefix_, "nonce", nonce));
  CO_TRY(const auto taken, co_await client_.run(std::move(command), kSharedStatePatience));
  if (taken.number == 0) {
    co_return Error(ErrorKind::not_found, "nonce_unknown", "The nonce is unknown, used or too old");
  }
  co_return ok;
}

}  // namespace relay
