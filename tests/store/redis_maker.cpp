#include "store/redis_maker.h"

#include "fakes/await.h"
#include "servers/redis_server.h"
#include "store/redis/redis_family.h"
#include "store/redis/redis_migrations.h"
#include "store/store_family.h"

#include <atomic>

namespace relay::test {
namespace {

RedisClient& client_of_server() {
  static RedisClient client(parse_redis_url(shared_redis().url()).value());
  return client;
}

RedisClient& client_of_cluster() {
  static RedisCluster cluster;
  static RedisClient client(parse_redis_url(cluster.node(0).url()).value());
  return client;
}

std::string a_prefix() {
  static std::atomic<int> made = 0;
  return "store_" + std::to_string(++made);
}

struct RedisHome {
  RedisDatabase database;
};
struct RedisStores final : private RedisHome, public StoreFamily<RedisFamily, StoreUnderTest> {
  explicit RedisStores(RedisClient& client)
      : RedisHome{RedisDatabase(client, a_prefix())}, StoreFamily(database, AuditChain({kAuditSecret})) {
    await(migrate(database, WallTime())).value();
  }
};

}  // namespace

StoreMaker redis_maker() {
  return {"redis", []() -> std::unique_ptr<StoreUnderTest> {
            return std::make_unique<RedisStores>(client_of_server());
          }};
}

StoreMaker redis_cluster_maker() {
  return {"redis_cluster", []() -> std::unique_ptr<StoreUnderTest> {
            return std::make_unique<RedisStores>(client_of_cluster());
          }};
}

}  // namespace relay::test
