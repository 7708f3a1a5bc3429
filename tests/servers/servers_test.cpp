#include "servers/mariadb_server.h"
#include "servers/redis_server.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace {

TEST(TestServers, AreThereAndComeAgain) {
  auto& redis = shared_redis();
  redis.kill();
  redis.start();
  EXPECT_TRUE(redis.process().is_running());
  EXPECT_TRUE(shared_mariadb().process().is_running());
}

}  // namespace
}  // namespace relay::test
