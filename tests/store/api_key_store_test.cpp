#include "store/store_contract.h"

namespace relay::test {
namespace api_key_store_test {

class ApiKeyStoreContract : public StoreContract {
 protected:
  ApiKeyStoreContract() { put_user("usr_1"), put_user("usr_2"); }

  ApiKeyHash a_hash() { return ApiKeyHash::of(ApiKeySecret::generate(random_)); }

  std::string listed(ApiKeyFilter filter) {
    filter.now = clock_.now();
    const auto page = await(keys_.list_by_user("usr_1", filter, {}));
    EXPECT_TRUE(page.has_value()) << page.error().cause();
    std::string ids;
    for (const auto& key : page->items) ids += key.id.back();
    return ids;
  }

  ApiKeyStore& keys_ = store_->keys();
};

TEST_P(ApiKeyStoreContract, FindsWhatWasInserted) {
  auto key = a_key("key_1", "usr_1");
  key.description = "for the laptop";
  key.permissions = Permissions::only(Permission::codex);
  key.limits = {.requests_per_minute = 1,
                .tokens_per_minute = 2,
                .requests_per_day = 3,
                .concurrency = 4,
                .tokens_per_day = 5};
  key.budget = {.daily = 0,
                .monthly = 12'500'000'000,
                .total = 1'000'000'000'000'000'000,
                .reset_minute = 1'439,
                .soft_periods = 9};
  key.models = ModelPatterns::parse({"claude-*", "gpt-5"}).value();
  key.ip_rules = IpRules::parse({"10.0.0.0/8", "2001:db8::1"}).value();
  key.tags = {"a b", "ü"};
  key.metadata = R"({"x":[1,2]})";
  key.expires_at = clock_.now() + std::chrono::hours(1);
  key.cache_ttl_seconds = 3600;
  key.account_group = "team";
  put_key(key);

  for (const auto& found :
       {await(keys_.find("usr_1", "key_1")).value(), await(keys_.find_by_hash(key.hash)).value()}) {
    EXPECT_EQ(found.id, "key_1");
    EXPECT_EQ(found.user_id, "usr_1");
    EXPECT_EQ(found.name, key.name);
    EXPECT_EQ(found.description, key.description);
    EXPECT_EQ(found.hash, key.hash);
    EXPECT_EQ(found.prefix, key.prefix);
    EXPECT_EQ(found.suffix, key.suffix);
    EXPECT_FALSE(found.retiring.has_value());
    EXPECT_EQ(found.status, ApiKeyStatus::active);
    EXPECT_EQ(found.permissions, key.permissions);
    EXPECT_EQ(found.limits, key.limits);
    EXPECT_EQ(found.budget, key.budget);
    EXPECT_EQ(found.models, key.models);
    EXPECT_EQ(found.ip_rules, key.ip_rules);
    EXPECT_EQ(found.tags, key.tags);
    EXPECT_EQ(found.metadata, key.metadata);
    EXPECT_EQ(found.cache_ttl_seconds, 3600);
    EXPECT_EQ(found.account_group, "team");
    EXPECT_EQ(found.usage, UsageCounters());
    EXPECT_EQ(found.expires_at, key.expires_at);
    EXPECT_EQ(found.last_used_at, std::nullopt);
    EXPECT_EQ(found.created_at, key.created_at);
    EXPECT_EQ(found.updated_at, key.updated_at);
  }
}

TEST_P(ApiKeyStoreContract, RefusesTheSameHashTwice) {
  auto key = a_key("key_1", "usr_1");
  put_key(key);
  key.id = "key_2";
  EXPECT_EQ(kind_of(await(keys_.insert(key, 0))), ErrorKind::conflict);
  EXPECT_EQ(code_of(await(keys_.insert(a_key("key_3", "usr_0"), 0))), "user_unknown");
}

TEST_P(ApiKeyStoreContract, CountsAgainstThePlanInTheSameStep) {
  ASSERT_TRUE(await(keys_.insert(a_key("key_1", "usr_1"), 2)).has_value());
  ASSERT_TRUE(await(keys_.insert(a_key("key_2", "usr_1"), 2)).has_value());
  const auto third = await(keys_.insert(a_key("key_3", "usr_1"), 2));
  EXPECT_EQ(kind_of(third), ErrorKind::limit_exceeded);
  EXPECT_EQ(third.error().message(), "Maximum number of API keys (2) reached for your plan");
  EXPECT_TRUE(await(keys_.insert(a_key("key_4", "usr_2"), 2)).has_value());
  // A revoked one makes room.
  ASSERT_TRUE(await(keys_.revoke("usr_1", "key_1", clock_.now())).has_value());
  EXPECT_EQ(await(keys_.count_by_user("usr_1")).value(), 1);
  EXPECT_TRUE(await(keys_.insert(a_key("key_5", "usr_1"), 2)).has_value());
}

TEST_P(ApiKeyStoreContract, TellsTheRelayAllItNeedsInOneLookUp) {
  UserChanges changes{.plan = "free", .timezone = "Asia/Tokyo"};
  changes.limits = RateLimit{.requests_per_minute = 50, .concurrency = 3, .tokens_per_day = 9};
  changes.budget = Budget{.weekly = 5, .reset_minute = 61, .soft_periods = 2};
  ASSERT_TRUE(await(store_->users().update("usr_1", changes, clock_.now())).has_value());
  auto key = a_key("key_1", "usr_1");
  key.permissions = Permissions::only(Permission::claude);
  key.limits = {.requests_per_minute = 100, .requests_per_day = 10, .concurrency = 5};
  key.budget = {.daily = 7};
  key.models = ModelPatterns::parse({"claude-*"}).value();
  key.ip_rules = IpRules::parse({"10.0.0.0/8"}).value();
  key.expires_at = clock_.now() + std::chrono::hours(1);
  key.cache_ttl_seconds = 0;
  put_key(key);

  for (const auto& access :
       {await(keys_.find_access(key.hash)).value(), await(keys_.find_access_by_id("key_1")).value()}) {
    EXPECT_EQ(access.key_id, "key_1");
    EXPECT_EQ(access.user_id, "usr_1");
    EXPECT_EQ(access.plan, "free");
    EXPECT_EQ(access.key_status, ApiKeyStatus::active);
    EXPECT_EQ(access.user_status, UserStatus::active);
    EXPECT_EQ(access.expires_at, key.expires_at);
    EXPECT_EQ(access.secret_until, std::nullopt);
    EXPECT_EQ(access.permissions, key.permissions);
    EXPECT_EQ(access.models, key.models);
    EXPECT_EQ(access.ip_rules, key.ip_rules);
    EXPECT_EQ(access.limits, key.limits);
    EXPECT_EQ(access.user_limits, *changes.limits);
    EXPECT_EQ(access.plan_limits.requests_per_minute, 20);
    EXPECT_EQ(access.user_budget, *changes.budget);
    EXPECT_EQ(access.plan_budget, Budget());
    EXPECT_EQ(access.plan_priority, 50);
    EXPECT_TRUE(access.is_limited());
    EXPECT_EQ(access.tightest_limits().requests_per_minute, 20);  // of the plan
    EXPECT_EQ(access.tightest_limits().requests_per_day, 10);     // of the key
    EXPECT_EQ(access.tightest_limits().concurrency, 3);           // of the user
    EXPECT_EQ(access.tokens_per_month, 100'000);
    EXPECT_EQ(access.budget, key.budget);
    EXPECT_EQ(access.cache_ttl_seconds, 0);
    EXPECT_EQ(access.timezone, "Asia/Tokyo");
    EXPECT_EQ(access.account_group, "");
    EXPECT_TRUE(access.check_usable(clock_.now()).has_value());
  }
  EXPECT_EQ(code_of(await(keys_.find_access(a_hash()))), "api_key_unknown");
  EXPECT_EQ(kind_of(await(keys_.find_access(a_hash()))), ErrorKind::not_found);
  EXPECT_EQ(kind_of(await(keys_.find_access_by_id("key_0"))), ErrorKind::not_found);
}

TEST_P(ApiKeyStoreContract, ShowsARevokedKeyAndASuspendedUserInTheAccess) {
  const auto key = a_key("key_1", "usr_1");
  put_key(key);
  ASSERT_TRUE(
      await(store_->users().update("usr_1", UserChanges{.status = UserStatus::suspended}, clock_.now()))
          .has_value());
  EXPECT_EQ(code_of(await(keys_.find_access(key.hash))->check_usable(clock_.now())), "account_inactive");
  ASSERT_TRUE(await(keys_.revoke("usr_1", "key_1", clock_.now())).has_value());
  EXPECT_EQ(code_of(await(keys_.find_access(key.hash))->check_usable(clock_.now())), "api_key_revoked");
}

TEST_P(ApiKeyStoreContract, ListsNewestFirstInPages) {
  for (const auto* id : {"key_1", "key_2", "key_3"}) put_key(a_key(id, "usr_1"));
  put_key(a_key("key_4", "usr_2"));
  const auto first = await(keys_.list_by_user("usr_1", {.now = clock_.now()}, {.limit = 2})).value();
  ASSERT_EQ(first.items.size(), 2U);
  EXPECT_EQ(first.items[0].id, "key_3");
  EXPECT_EQ(first.items[1].id, "key_2");
  const auto second =
      await(keys_.list_by_user("usr_1", {}, {.cursor = first.next_cursor, .limit = 2})).value();
  ASSERT_EQ(second.items.size(), 1U);
  EXPECT_EQ(second.items[0].id, "key_1");
  EXPECT_EQ(second.next_cursor, "");
  for (const auto* cursor : {"x", "!!!!", "MQ", "eCB5"}) {
    EXPECT_EQ(code_of(await(keys_.list_by_user("usr_1", {}, {.cursor = cursor}))), "cursor_invalid")
        << cursor;
  }
}

// Keys that were made in the same millisecond must not be lost between two pages.
TEST_P(ApiKeyStoreContract, PagesThroughKeysOfOneInstant) {
  const auto now = clock_.now();
  for (const auto* id : {"key_1", "key_2", "key_3"}) {
    auto key = a_key(id, "usr_1");
    key.created_at = now;
    put_key(key);
  }
  std::string seen;
  PageRequest request{.cursor = "", .limit = 1};
  for (int pages = 0; pages == 0 || (!request.cursor.empty() && pages < 9); ++pages) {
    const auto page = await(keys_.list_by_user("usr_1", {}, request)).value();
    for (const auto& key : page.items) seen += key.id.back();
    request.cursor = page.next_cursor;
  }
  EXPECT_EQ(seen, "321");
}

TEST_P(ApiKeyStoreContract, FiltersByStatusAndSearch) {
  auto active = a_key("key_1", "usr_1");
  active.tags = {"Laptop"};
  put_key(active);
  auto expired = a_key("key_2", "usr_1");
  expired.expires_at = clock_.now();
  put_key(expired);
  auto inactive = a_key("key_3", "usr_1");
  inactive.status = ApiKeyStatus::inactive;
  inactive.description = "100% mine";
  put_key(inactive);
  put_key(a_key("key_4", "usr_1"));
  ASSERT_TRUE(await(keys_.revoke("usr_1", "key_4", clock_.now())).has_value());

  EXPECT_EQ(listed({}), "4321");
  EXPECT_EQ(listed({.status = ApiKeyStatus::active}), "1");
  EXPECT_EQ(listed({.status = ApiKeyStatus::expired}), "2");
  EXPECT_EQ(listed({.status = ApiKeyStatus::inactive}), "3");
  EXPECT_EQ(listed({.status = ApiKeyStatus::revoked}), "4");
  EXPECT_EQ(listed({.search = "laptop"}), "1");
  EXPECT_EQ(listed({.search = "OF KEY_3"}), "3");
  EXPECT_EQ(listed({.search = "100%"}), "3");
  EXPECT_EQ(listed({.search = "k%y"}), "");
}

TEST_P(ApiKeyStoreContract, ChangesOnlyTheNamedFields) {
  auto key = a_key("key_1", "usr_1");
  key.limits.requests_per_minute = 5;
  key.expires_at = clock_.now() + std::chrono::hours(1);
  put_key(key);
  clock_.advance(std::chrono::seconds(1));

  ApiKeyChanges changes{.name = ApiKeyName::from_store("new"), .active = false};
  changes.budget = Budget{.weekly = 3};
  changes.cache_ttl_seconds = 60;
  const auto after = await(keys_.update("usr_1", "key_1", changes, clock_.now()));
  ASSERT_TRUE(after.has_value()) << after.error().cause();
  EXPECT_EQ(after->name.text(), "new");
  EXPECT_EQ(after->status, ApiKeyStatus::inactive);
  EXPECT_EQ(after->budget, (Budget{.weekly = 3}));
  EXPECT_EQ(after->cache_ttl_seconds, 60);
  EXPECT_EQ(after->updated_at, clock_.now());
  EXPECT_EQ(after->limits.requests_per_minute, 5);
  EXPECT_EQ(after->expires_at, key.expires_at);
  EXPECT_EQ(after->hash, key.hash);
  EXPECT_EQ(after->created_at, key.created_at);

  ApiKeyChanges for_ever;
  for_ever.expires_at = std::optional<WallTime>();
  EXPECT_EQ(await(keys_.update("usr_1", "key_1", for_ever, clock_.now()))->expires_at, std::nullopt);
  ApiKeyChanges without_cache;
  without_cache.cache_ttl_seconds = std::optional<std::int64_t>();
  EXPECT_EQ(await(keys_.update("usr_1", "key_1", without_cache, clock_.now()))->cache_ttl_seconds,
            std::nullopt);
}

TEST_P(ApiKeyStoreContract, AKeysGroupOfAccountsIsItsOwnElseItsPlans) {
  const auto key = a_key("key_1", "usr_1");
  put_key(key);
  auto plan = await(store_->plans().find(await(keys_.find_access(key.hash))->plan)).value();
  plan.account_group = "shared";
  ASSERT_TRUE(await(store_->plans().put(plan)).has_value());
  EXPECT_EQ(await(keys_.find_access(key.hash))->account_group, "shared");
  ApiKeyChanges own;
  own.account_group = "team";
  EXPECT_EQ(await(keys_.update("usr_1", "key_1", own, clock_.now()))->account_group, "team");
  EXPECT_EQ(await(keys_.find_access(key.hash))->account_group, "team");
  own.account_group = "";
  EXPECT_EQ(await(keys_.update("usr_1", "key_1", own, clock_.now()))->account_group, "");
  EXPECT_EQ(await(keys_.find_access(key.hash))->account_group, "shared");
}

TEST_P(ApiKeyStoreContract, DoesNotTouchSomebodyElsesKey) {
  const auto key = a_key("key_1", "usr_1");
  put_key(key);
  const SecretReplacement replacement{.hash = a_hash(), .prefix = "cr_", .suffix = "x"};
  EXPECT_EQ(kind_of(await(keys_.find("usr_2", "key_1"))), ErrorKind::not_found);
  EXPECT_EQ(kind_of(await(keys_.update("usr_2", "key_1", ApiKeyChanges{.active = false}, clock_.now()))),
            ErrorKind::not_found);
  EXPECT_EQ(kind_of(await(keys_.revoke("usr_2", "key_1", clock_.now()))), ErrorKind::not_found);
  EXPECT_EQ(kind_of(await(keys_.replace_secret("usr_2", "key_1", replacement, clock_.now()))),
            ErrorKind::not_found);
  EXPECT_EQ(await(keys_.find("usr_1", "key_1"))->status, ApiKeyStatus::active);
  EXPECT_EQ(await(keys_.find("usr_1", "key_1"))->hash, key.hash);
}

TEST_P(ApiKeyStoreContract, NeverRevivesARevokedKey) {
  put_key(a_key("key_1", "usr_1"));
  ASSERT_TRUE(await(keys_.revoke("usr_1", "key_1", clock_.now())).has_value());
  ASSERT_TRUE(await(keys_.revoke("usr_1", "key_1", clock_.now())).has_value());
  EXPECT_EQ(code_of(await(keys_.update("usr_1", "key_1", ApiKeyChanges{.active = true}, clock_.now()))),
            "api_key_revoked");
  const SecretReplacement replacement{.hash = a_hash(), .prefix = "cr_", .suffix = "x"};
  EXPECT_EQ(code_of(await(keys_.replace_secret("usr_1", "key_1", replacement, clock_.now()))),
            "api_key_revoked");
  EXPECT_EQ(await(keys_.find("usr_1", "key_1"))->status, ApiKeyStatus::revoked);
}

TEST_P(ApiKeyStoreContract, LetsTheOldSecretWorkForItsGrace) {
  const auto key = a_key("key_1", "usr_1");
  put_key(key);
  const auto until = clock_.now() + std::chrono::hours(1);
  const SecretReplacement second{
      .hash = a_hash(), .prefix = "cr_22222", .suffix = "2222", .old_until = until};
  const auto after = await(keys_.replace_secret("usr_1", "key_1", second, clock_.now()));
  ASSERT_TRUE(after.has_value()) << after.error().cause();
  EXPECT_EQ(after->hash, second.hash);
  EXPECT_EQ(after->prefix, "cr_22222");
  ASSERT_TRUE(after->retiring.has_value());
  EXPECT_EQ(after->retiring->hash, key.hash);
  EXPECT_EQ(await(keys_.find_access(key.hash))->secret_until, until);
  EXPECT_EQ(await(keys_.find_access(second.hash))->secret_until, std::nullopt);
  EXPECT_EQ(await(keys_.find_by_hash(key.hash))->id, "key_1");

  // Without a grace the old ones are dead at once.
  const SecretReplacement third{.hash = a_hash(), .prefix = "cr_33333", .suffix = "3333"};
  ASSERT_TRUE(await(keys_.replace_secret("usr_1", "key_1", third, clock_.now())).has_value());
  EXPECT_EQ(kind_of(await(keys_.find_access(key.hash))), ErrorKind::not_found);
  EXPECT_EQ(kind_of(await(keys_.find_access(second.hash))), ErrorKind::not_found);
  EXPECT_TRUE(await(keys_.find_access(third.hash)).has_value());
}

TEST_P(ApiKeyStoreContract, KillsTheRetiringSecretWithTheKey) {
  const auto key = a_key("key_1", "usr_1");
  put_key(key);
  const SecretReplacement second{
      .hash = a_hash(), .prefix = "p", .suffix = "s", .old_until = clock_.now() + std::chrono::hours(1)};
  ASSERT_TRUE(await(keys_.replace_secret("usr_1", "key_1", second, clock_.now())).has_value());
  ASSERT_TRUE(await(keys_.revoke("usr_1", "key_1", clock_.now())).has_value());
  EXPECT_EQ(kind_of(await(keys_.find_access(key.hash))), ErrorKind::not_found);
}

TEST_P(ApiKeyStoreContract, GivesOneSecretToOneKey) {
  const auto one = a_key("key_1", "usr_1");
  auto two = a_key("key_2", "usr_2");
  put_key(one);
  put_key(two);
  const SecretReplacement stolen{.hash = one.hash, .prefix = "p", .suffix = "s"};
  EXPECT_EQ(kind_of(await(keys_.replace_secret("usr_2", "key_2", stolen, clock_.now()))),
            ErrorKind::conflict);
  const SecretReplacement fresh{
      .hash = a_hash(), .prefix = "p", .suffix = "s", .old_until = clock_.now() + std::chrono::hours(1)};
  ASSERT_TRUE(await(keys_.replace_secret("usr_1", "key_1", fresh, clock_.now())).has_value());
  EXPECT_EQ(kind_of(await(keys_.replace_secret("usr_2", "key_2", stolen, clock_.now()))),
            ErrorKind::conflict);
  two.id = "key_3";
  two.hash = one.hash;
  EXPECT_EQ(kind_of(await(keys_.insert(two, 0))), ErrorKind::conflict);
}

TEST_P(ApiKeyStoreContract, MovesTheLastUseForward) {
  put_key(a_key("key_1", "usr_1"));
  const auto later = clock_.now() + std::chrono::seconds(5);
  ASSERT_TRUE(
      await(keys_.touch_last_used({{"key_1", later, "10.0.0.1"}, {"key_0", later, "10.0.0.1"}})).has_value());
  std::vector<KeyTouch> earlier{{"key_1", clock_.now(), "10.0.0.2"}};
  ASSERT_TRUE(await(keys_.touch_last_used(earlier)).has_value());
  const auto key = await(keys_.find("usr_1", "key_1")).value();
  EXPECT_EQ(key.last_used_at, later);
  EXPECT_EQ(key.last_used_address, "10.0.0.1");
}

TEST_P(ApiKeyStoreContract, ListsActiveKeysThatExpireSoonestFirst) {
  const auto now = clock_.now();
  const auto put_expiring = [&](const std::string& id, const std::string& user_id, std::chrono::hours in) {
    auto key = a_key(id, user_id);
    key.expires_at = now + in;
    put_key(key);
  };
  put_expiring("key_c", "usr_1", std::chrono::hours(2));
  put_expiring("key_a", "usr_1", std::chrono::hours(2));
  put_expiring("key_b", "usr_2", std::chrono::hours(1));
  put_expiring("key_past", "usr_1", std::chrono::hours(-1));
  put_expiring("key_late", "usr_1", std::chrono::hours(48));
  put_expiring("key_gone", "usr_1", std::chrono::hours(3));
  put_key(a_key("key_never", "usr_1"));
  ASSERT_TRUE(await(store_->keys().revoke("usr_1", "key_gone", now)).has_value());
  const auto listed = [&](WallTime from, const std::string& after, int limit) {
    std::vector<std::string> ids;
    const auto until = now + std::chrono::hours(24);
    const auto found = await(store_->keys().list_expiring(from, after, until, limit)).value();
    for (const auto& key : found) {
      ids.push_back(key.id);
    }
    return ids;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(listed(now, "", 10), (Ids{"key_b", "key_a", "key_c"}));
  EXPECT_EQ(listed(now, "", 2), (Ids{"key_b", "key_a"}));
  EXPECT_EQ(listed(now + std::chrono::hours(2), "key_a", 10), Ids{"key_c"});
  UserChanges suspended;
  suspended.status = UserStatus::suspended;
  ASSERT_TRUE(await(store_->users().update("usr_2", suspended, now)).has_value());
  EXPECT_EQ(listed(now, "", 10), (Ids{"key_a", "key_c"}));
}

RELAY_EVERY_STORE(ApiKeyStoreContract);

}  // namespace api_key_store_test
}  // namespace relay::test
