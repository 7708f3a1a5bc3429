#include "servers/mariadb_server.h"
#include "servers/redis_server.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace servers_test {

TEST(TestServers, AreThereAndComeAgain) {
  auto& redis = shared_redis();
  redis.kill();
  redis.start();
  EXPECT_TRUE(redis.process().is_running());
  EXPECT_TRUE(shared_mariadb().process().is_running());
}

}  // namespace servers_test
}  // namespace relay::test
