// No script is long, whatever a person has: others wait for Redis 50 ms at the most.
#include "fakes/seeded_random.h"
#include "redis/redis_under_test.h"
#include "store/redis/redis_home.h"
#include "store/store_contract.h"

namespace relay::test {
namespace redis_long_work_test {

using namespace std::chrono_literals;

constexpr int kKeys = 8'000;

/// Looks behind every call how many rows of keys it has changed.
class LookingDatabase final : public RedisDatabase {
 public:
  using RedisDatabase::RedisDatabase;
  int calls() const { return calls_; }
  std::int64_t most_rows() const { return most_rows_; }

  Task<RedisReply> run_under(std::string tag, const RedisScript& script, RedisWords words) override {
    const auto before = co_await rows();
    auto answer = co_await RedisDatabase::run_under(std::move(tag), script, std::move(words));
    const auto after = co_await rows();
    ++calls_;
    most_rows_ = std::max(most_rows_, std::max(after - before, before - after));
    co_return answer;
  }

 private:
  Awaitable<std::int64_t> rows() {
    auto command = RedisCommand("ZCARD").key(this->tag() + ":api_keys|updated|revoked");
    const auto answer = co_await client().run(std::move(command));
    co_return answer.has_value() ? answer->number : 0;
  }
  int calls_ = 0;
  std::int64_t most_rows_ = 0;
};

class RedisLongWorkTest : public testing::Test {
 protected:
  void put_a_person_with_keys(int count) {
    ASSERT_TRUE(await(store_.users().insert(a_user("usr_1"))).has_value());
    for (int i = 0; i < count; ++i) {
      const auto secret = ApiKeySecret::generate(random_);
      const ApiKey key{.id = "key_" + std::to_string(i),
                       .user_id = "usr_1",
                       .name = ApiKeyName::from_store("name"),
                       .hash = ApiKeyHash::of(secret),
                       .prefix = secret.prefix(),
                       .suffix = secret.suffix()};
      ASSERT_TRUE(await(store_.keys().insert(key, 0)).has_value());
    }
  }

  void begin_to_measure() {
    EXPECT_EQ(server_.say("CONFIG SET slowlog-log-slower-than 1000"), "+OK");
    EXPECT_EQ(server_.say("CONFIG SET slowlog-max-len 1000"), "+OK");
    EXPECT_EQ(server_.say("SLOWLOG RESET"), "+OK");
  }
  std::int64_t longest_us() {
    std::int64_t longest = 0;
    const auto log = run(store_.client, RedisCommand("SLOWLOG").arg("GET").arg("1000")).value();
    for (const auto& entry : log.items) longest = std::max(longest, entry.items[2].number);
    return longest;
  }
  void tell(const char* what, const LookingDatabase& database) {
    const auto longest = longest_us();
    ::testing::Test::RecordProperty(std::string(what) + "_longest_us", std::to_string(longest));
    std::printf("  %s: %d calls, at most %lld keys each, the longest %.1f ms\n", what, database.calls(),
                static_cast<long long>(database.most_rows()), static_cast<double>(longest) / 1000);
  }

  SeededRandom random_;
  RedisServer server_;
  OwnRedisStore store_{settings_of(server_.port())};
};

TEST_F(RedisLongWorkTest, APersonWithThousandsOfKeysGoesInShortPieces) {
  put_a_person_with_keys(kKeys);

  begin_to_measure();
  LookingDatabase erasing(store_.client, store_.database.prefix());
  ASSERT_TRUE(await(RedisUserStore(erasing).erase("usr_1", WallTime(1h))).has_value());
  tell("erase", erasing);
  EXPECT_LE(erasing.most_rows(), 100);
  EXPECT_EQ(await(store_.keys().count_by_user("usr_1")).value(), 0);

  begin_to_measure();
  LookingDatabase cleaning(store_.client, store_.database.prefix());
  EXPECT_EQ(await(RedisApiKeyStore(cleaning).delete_revoked(WallTime(2h), kKeys / 2)).value(), kKeys / 2);
  tell("delete_revoked", cleaning);
  EXPECT_LE(cleaning.most_rows(), 200);

  begin_to_measure();
  LookingDatabase deleting(store_.client, store_.database.prefix());
  EXPECT_EQ(await(RedisUserStore(deleting).delete_erased(WallTime(2h), 10)).value(), 1);
  tell("delete_erased", deleting);
  EXPECT_LE(deleting.most_rows(), 200);
  EXPECT_EQ(server_.say("ZCARD {own}:api_keys|created"), ":0");
}

}  // namespace redis_long_work_test
}  // namespace relay::test
