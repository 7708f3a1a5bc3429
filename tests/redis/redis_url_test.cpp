#include "redis/redis_client.h"

#include <gtest/gtest.h>

namespace relay {
namespace redis_url_test {

TEST(RedisUrl, HasItsParts) {
  const auto all = parse_redis_url("rediss://relay:p%40ss%2Fword@cache.example:6390/3").value();
  EXPECT_TRUE(all.tls);
  EXPECT_EQ(all.user, "relay");
  EXPECT_EQ(all.password, "p@ss/word");
  EXPECT_EQ(all.host, "cache.example");
  EXPECT_EQ(all.port, 6390);
  EXPECT_EQ(all.database, 3);
}

TEST(RedisUrl, HasDefaults) {
  const auto least = parse_redis_url("redis://localhost").value();
  EXPECT_FALSE(least.tls);
  EXPECT_EQ(least.user, "");
  EXPECT_EQ(least.password, "");
  EXPECT_EQ(least.port, 6379);
  EXPECT_EQ(least.database, 0);
  EXPECT_EQ(parse_redis_url("redis://localhost/").value().database, 0);
  EXPECT_EQ(parse_redis_url("redis://:secret@localhost").value().password, "secret");
  EXPECT_EQ(parse_redis_url("redis://[::1]:7000/1").value().host, "::1");
  EXPECT_EQ(parse_redis_url("redis://[::1]").value().port, 6379);
  EXPECT_EQ(parse_redis_url("redis://:with@at@host").value().password, "with@at");
}

TEST(RedisUrl, SaysWhatIsWrongAndNeverThePassword) {
  for (const std::string url :
       {"", "http://localhost", "redis://", "redis://:hunter2@", "redis://:hunter2@host:0",
        "redis://:hunter2@host:99999", "redis://:hunter2@host:port", "redis://:hunter2@host:",
        "redis://:hunter2@host/one", "redis://:hunter2@host/-1", "redis://:hunter2@host?x=1",
        "redis://:hunter2#@host", "redis://:hunter2%@host", "redis://user@host", "redis://[::1",
        "redis://[::1]7000", "redis://ho st", "redis://host/1/hunter2", "redis://:hunter2/x"}) {
    const auto parsed = parse_redis_url(url);
    ASSERT_TRUE(parsed.has_error()) << url;
    EXPECT_EQ(parsed.error().kind(), ErrorKind::validation);
    ASSERT_EQ(parsed.error().fields().size(), 1U);
    EXPECT_EQ(parsed.error().fields()[0].field, "REDIS_URL");
    const auto words = parsed.error().message() + parsed.error().cause() + parsed.error().fields()[0].message;
    EXPECT_EQ(words.find("hunter2"), std::string::npos) << words;
  }
}

}  // namespace redis_url_test
}  // namespace relay
