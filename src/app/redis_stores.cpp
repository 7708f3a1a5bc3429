#include "app/redis_stores.h"

#include "app/redis_settings.h"
#include "store/redis/redis_family.h"
#include "store/redis/redis_migrations.h"
#include "store/store_family.h"

namespace relay {
namespace {

// A base, so that it is there before the stores and goes after them.
struct RedisHome {
  RedisHome(RedisSettings settings, const std::string& prefix)
      : client(std::move(settings)), database(client, prefix) {}
  RedisClient client;
  RedisDatabase database;
};

class RedisStores final : private RedisHome, public StoreFamily<RedisFamily, Stores> {
 public:
  RedisStores(RedisSettings settings, const std::string& prefix, AuditChain chain)
      : RedisHome(std::move(settings), prefix), StoreFamily(database, std::move(chain)) {}
  ~RedisStores() override { client.stop(); }

  Task<std::vector<int>> migrate(WallTime now, std::optional<int> to) override {
    return relay::migrate(database, now, to);
  }
  Task<std::vector<int>> rollback(std::optional<int> to) override { return relay::rollback(database, to); }
  Task<MigrationStatus> status() override { return migration_status(database); }
  void stop() override { client.stop(); }
};

}  // namespace

std::unique_ptr<Stores> open_redis_stores(const Settings& settings) {
  return std::make_unique<RedisStores>(redis_settings(settings), settings.redis_prefix,
                                       AuditChain(settings.encryption_keys));
}

}  // namespace relay
