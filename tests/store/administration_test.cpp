// What administrators and clean-up need of the stores of people and keys.
#include "store/store_contract.h"

namespace relay::test {
namespace administration_test {

using namespace std::chrono_literals;

class AdministrationContract : public StoreContract {
 protected:
  void put_admin(const std::string& id) {
    auto user = a_user(id);
    user.role = UserRole::admin;
    ASSERT_TRUE(await(users_.insert(user)).has_value());
  }
  std::string change(const std::string& id, UserChanges changes) {
    return code_of(await(users_.update(id, std::move(changes), clock_.now())));
  }
  std::vector<std::string> keys(ApiKeyFilter filter, PageRequest page = {}) {
    filter.now = clock_.now();
    std::vector<std::string> ids;
    const auto found = await(store_->keys().list(filter, page)).value();
    for (const auto& key : found.items) ids.push_back(key.id);
    return ids;
  }
  using Ids = std::vector<std::string>;

  UserStore& users_ = store_->users();
};

TEST_P(AdministrationContract, ThereIsAlwaysAnAdminLeft) {
  put_admin("usr_1");
  put_user("usr_2");
  EXPECT_EQ(change("usr_1", {.role = UserRole::user}), "last_admin");
  EXPECT_EQ(change("usr_1", {.status = UserStatus::suspended}), "last_admin");
  EXPECT_EQ(code_of(await(users_.erase("usr_1", clock_.now()))), "last_admin");
  EXPECT_EQ(await(users_.find("usr_1"))->status, UserStatus::active);
  EXPECT_EQ(change("usr_1", {.display_name = "Ann"}), "passed");
  EXPECT_EQ(change("usr_2", {.role = UserRole::admin}), "passed");
  EXPECT_EQ(change("usr_1", {.status = UserStatus::suspended}), "passed");
  EXPECT_EQ(change("usr_2", {.role = UserRole::user}), "last_admin") << "a suspended admin is none";
  EXPECT_EQ(change("usr_1", {.display_name = "B"}), "passed");
}

TEST_P(AdministrationContract, ListsPeopleByRoleAndPlan) {
  put_admin("usr_1");
  put_user("usr_2");
  ASSERT_EQ(change("usr_2", {.plan = "pro"}), "passed");
  EXPECT_EQ(await(users_.list({.role = UserRole::admin}, {}))->items.at(0).id, "usr_1");
  const auto pro = await(users_.list({.plan = "pro"}, {})).value().items;
  ASSERT_EQ(pro.size(), 1U);
  EXPECT_EQ(pro[0].id, "usr_2");
}

TEST_P(AdministrationContract, ListsAndFindsAnybodysKeys) {
  put_user("usr_1");
  put_user("usr_2");
  put_key(a_key("key_1", "usr_1"));
  put_key(a_key("key_2", "usr_2"));
  EXPECT_EQ(keys({}), (Ids{"key_2", "key_1"}));
  EXPECT_EQ(keys({.user_id = "usr_1"}), Ids{"key_1"});
  EXPECT_EQ(keys({.search = "of key_2"}), Ids{"key_2"});
  EXPECT_EQ(await(store_->keys().find_by_id("key_2")).value().user_id, "usr_2");
  EXPECT_EQ(code_of(await(store_->keys().find_by_id("key_0"))), "api_key_unknown");
}

TEST_P(AdministrationContract, OldRevokedKeysAndErasedPeopleGo) {
  for (const auto* id : {"usr_1", "usr_2", "usr_3"}) put_user(id);
  put_key(a_key("key_1", "usr_1"));
  put_key(a_key("key_2", "usr_1"));
  ASSERT_TRUE(await(store_->keys().revoke("usr_1", "key_1", clock_.now())).has_value());
  BillingRecord owed{.id = "bil_1", .user_id = "usr_3", .amount = -1, .created_at = clock_.now()};
  ASSERT_TRUE(await(store_->billing().post(owed)).has_value());
  for (const auto* id : {"usr_2", "usr_3"}) ASSERT_TRUE(await(users_.erase(id, clock_.now())).has_value());

  const auto later = clock_.now() + 1h;
  EXPECT_EQ(await(store_->keys().delete_revoked(clock_.now(), 10)).value(), 0);
  EXPECT_EQ(await(store_->keys().delete_revoked(later, 10)).value(), 1);
  EXPECT_EQ(keys({}), Ids{"key_2"});
  EXPECT_EQ(await(users_.delete_erased(clock_.now(), 10)).value(), 0);
  EXPECT_EQ(await(users_.delete_erased(later, 10)).value(), 1);
  EXPECT_EQ(kind_of(await(users_.find("usr_2"))), ErrorKind::not_found);
  EXPECT_TRUE(await(users_.find("usr_3")).has_value()) << "what is owed has a name to it";
}

TEST_P(AdministrationContract, OldNotificationsGo) {
  put_user("usr_1");
  for (const auto* id : {"ntf_1", "ntf_2"}) {
    clock_.advance(1h);
    Notification notification{
        .id = id, .user_id = "usr_1", .kind = "test", .title = "T", .body = "B", .created_at = clock_.now()};
    ASSERT_TRUE(await(store_->notifications().insert(notification, std::nullopt)).has_value());
  }
  EXPECT_EQ(await(store_->notifications().delete_old(clock_.now(), 10)).value(), 1);
  EXPECT_EQ(await(store_->notifications().list_by_user("usr_1", false, {}))->items.at(0).id, "ntf_2");
}

RELAY_EVERY_STORE(AdministrationContract);

}  // namespace administration_test
}  // namespace relay::test
