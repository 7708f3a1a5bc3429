// Every door of a Redis store on a server that a test has to itself, to do it harm.
#pragma once

#include "fakes/await.h"
#include "metering/records.h"
#include "store/redis/redis_family.h"
#include "store/redis/redis_migrations.h"
#include "store/store_family.h"
#include "store/store_under_test.h"

#include <memory>
#include <string>
#include <utility>

namespace relay::test {

inline User a_user(const std::string& id) {
  return User{.id = id,
              .email = EmailAddress::from_store(id + "@example.com"),
              .username = Username::from_store("name_" + id),
              .password_hash = "hash"};
}

struct OwnRedis {
  OwnRedis(RedisSettings settings, std::string prefix)
      : client(std::move(settings)), database(client, std::move(prefix)) {}
  RedisClient client;
  RedisDatabase database;
};

/// Migrated.
class OwnRedisStore final : public OwnRedis, public StoreFamily<RedisFamily, StoreUnderTest> {
 public:
  explicit OwnRedisStore(RedisSettings settings, std::string prefix = "own")
      : OwnRedis(std::move(settings), std::move(prefix)), StoreFamily(database, AuditChain({kAuditSecret})) {
    await(migrate(database, WallTime())).value();
  }
  ~OwnRedisStore() override { client.stop(); }

  /// One record, of this number.
  Result<> append(int sequence) {
    return await(usage().append("node_1", batch_of(sequence, {a_record(sequence)})));
  }
};

}  // namespace relay::test
