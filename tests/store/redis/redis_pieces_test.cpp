// What takes the Redis stores more than one call: a script looks at 500 rows, changes 100
// and drops 200 at the most.
#include "store/redis_maker.h"
#include "store/store_contract.h"

#include <algorithm>

namespace relay::test {
namespace redis_pieces_test {

class RedisPiecesTest : public StoreContract {
 protected:
  void put_users(int count) {
    for (int i = 0; i < count; ++i) put_user("usr_" + std::to_string(10'000 + i));
  }
};

TEST_P(RedisPiecesTest, ASearchGoesThroughAllRowsAndPagesGoOnWhereItStopped) {
  put_users(1'300);
  UserFilter filter{.search = "NAME_usr_1000"};  // the ten oldest
  PageRequest request{.cursor = "", .limit = 4};
  std::vector<std::string> found;
  do {
    const auto page = await(store_->users().list(filter, request)).value();
    for (const auto& user : page.items) found.push_back(user.id);
    request.cursor = page.next_cursor;
  } while (!request.cursor.empty());
  ASSERT_EQ(found.size(), 10U);
  EXPECT_EQ(found.front(), "usr_10009");
  EXPECT_EQ(found.back(), "usr_10000");
  EXPECT_TRUE(await(store_->users().list({.search = "nobody"}, {}))->items.empty());
}

TEST_P(RedisPiecesTest, AListOfManyRowsOfOneInstantLosesNone) {
  const auto now = clock_.now();
  put_user("usr_1");
  for (int i = 0; i < 700; ++i) {
    auto key = a_key("key_" + std::to_string(10'000 + i), "usr_1");
    key.created_at = now;
    put_key(key);
  }
  PageRequest request{.cursor = "", .limit = 100};
  std::vector<std::string> found;
  do {
    const auto page = await(store_->keys().list({.user_id = "usr_1", .now = now}, request)).value();
    for (const auto& key : page.items) found.push_back(key.id);
    request.cursor = page.next_cursor;
    // Where the next page begins is taken away meanwhile.
    if (found.size() == 300) {
      ASSERT_TRUE(await(store_->keys().revoke("usr_1", found.back(), now)).has_value());
      EXPECT_EQ(await(store_->keys().delete_revoked(now + std::chrono::hours(1), 10)).value(), 1);
    }
  } while (!request.cursor.empty());
  ASSERT_EQ(found.size(), 700U);
  EXPECT_TRUE(std::ranges::is_sorted(found, std::ranges::greater()));
}

TEST_P(RedisPiecesTest, APersonWithThousandsOfRowsIsErasedAndDeletedWhole) {
  put_user("usr_1");
  put_user("usr_2");
  for (int i = 0; i < 600; ++i) put_key(a_key("key_" + std::to_string(i), "usr_1"));
  const auto expires = clock_.now() + std::chrono::hours(1);
  for (int i = 0; i < 700; ++i) {
    const auto id = "ses_" + std::to_string(i);
    ASSERT_TRUE(await(store_->sessions().insert(a_session(id, i == 0 ? "usr_2" : "usr_1"))).has_value());
    const auto hash = "hash of " + id;
    for (int n = 0; n < 3; ++n) {
      const auto from = n == 0 ? hash : hash + "/" + std::to_string(n - 1);
      const auto to = hash + "/" + std::to_string(n);
      ASSERT_TRUE(await(store_->sessions().rotate(id, from, to, clock_.now(), expires)).has_value());
    }
  }
  ASSERT_TRUE(await(store_->users().erase("usr_1", clock_.now())).has_value());
  EXPECT_TRUE(await(store_->sessions().list_live("usr_1", clock_.now()))->empty());
  EXPECT_EQ(code_of(await(store_->sessions().find_by_refresh_hash("hash of ses_699"))), "session_unknown");
  EXPECT_EQ(await(store_->keys().count_by_user("usr_1")).value(), 0);
  for (const auto* key : {"key_0", "key_599"}) {
    EXPECT_EQ(await(store_->keys().find("usr_1", key))->name.text(), "deleted");
  }
  EXPECT_EQ(await(store_->users().delete_erased(clock_.now() + std::chrono::hours(1), 10)).value(), 1);
  EXPECT_EQ(code_of(await(store_->keys().find_by_id("key_599"))), "api_key_unknown");
  EXPECT_TRUE(await(store_->sessions().find_by_refresh_hash("hash of ses_0")).has_value())
      << "somebody else's";
}

TEST_P(RedisPiecesTest, ManySessionsEndAndGo) {
  put_user("usr_1");
  for (int i = 0; i < 1'100; ++i) {
    ASSERT_TRUE(await(store_->sessions().insert(a_session("ses_" + std::to_string(i), "usr_1"))).has_value());
  }
  EXPECT_EQ(await(store_->sessions().revoke_all("usr_1", "ses_7", clock_.now()))->size(), 1'099U);
  EXPECT_EQ(await(store_->sessions().list_live("usr_1", clock_.now()))->size(), 1U);
  const auto later = clock_.now() + std::chrono::hours(1);
  EXPECT_EQ(await(store_->sessions().delete_ended(later, 700)).value(), 700);
  EXPECT_EQ(await(store_->sessions().delete_ended(later, 700)).value(), 399);
  EXPECT_TRUE(await(store_->sessions().find("ses_7")).has_value());
}

TEST_P(RedisPiecesTest, WhoHasBillsHoldsNobodyElseUp) {
  put_users(600);
  for (int i = 0; i < 600; ++i) {
    const auto id = "usr_" + std::to_string(10'000 + i);
    if (i < 590) {
      BillingRecord owed{.id = "bil_" + id, .user_id = id, .amount = -1, .created_at = clock_.now()};
      ASSERT_TRUE(await(store_->billing().post(owed)).has_value());
    }
    clock_.advance(std::chrono::milliseconds(1));
    ASSERT_TRUE(await(store_->users().erase(id, clock_.now())).has_value());
  }
  EXPECT_EQ(await(store_->users().delete_erased(clock_.now() + std::chrono::hours(1), 4)).value(), 4);
  EXPECT_EQ(await(store_->users().delete_erased(clock_.now() + std::chrono::hours(1), 100)).value(), 6);
}

INSTANTIATE_TEST_SUITE_P(Redis, RedisPiecesTest, testing::Values(redis_maker()),
                         [](const auto& maker) { return maker.param.name; });

}  // namespace redis_pieces_test
}  // namespace relay::test
