#include "store/store_contract.h"

namespace relay::test {
namespace plan_store_test {

class PlanStoreContract : public StoreContract {
 protected:
  PlanStore& plans_ = store_->plans();
};

TEST_P(PlanStoreContract, StartsWithFourPlans) {
  const auto plans = await(plans_.list());
  ASSERT_TRUE(plans.has_value()) << plans.error().cause();
  std::string ids;
  for (const auto& plan : *plans) ids += plan.id + " ";
  EXPECT_EQ(ids, "enterprise free basic pro ");

  const auto basic = await(plans_.find("basic")).value();
  EXPECT_EQ(basic.name, "Basic");
  EXPECT_EQ(basic.monthly_price, 9'990'000'000);
  EXPECT_EQ(basic.max_keys, 10);
  EXPECT_EQ(basic.tokens_per_month, 1'000'000);
  EXPECT_EQ(basic.limits, (RateLimit{.requests_per_minute = 60, .requests_per_day = 10'000}));
  EXPECT_EQ(basic.permissions, Permissions::all());
  EXPECT_EQ(code_of(await(plans_.find("gold"))), "plan_unknown");
}

TEST_P(PlanStoreContract, AddsAPlanAndReplacesIt) {
  Plan gold{
      .id = "gold",
      .name = "Gold",
      .monthly_price = 1,
      .max_keys = 2,
      .tokens_per_month = 3,
      .limits = {.requests_per_minute = 4, .tokens_per_minute = 5, .requests_per_day = 6, .concurrency = 7},
      .permissions = Permissions::only(Permission::claude)};
  ASSERT_TRUE(await(plans_.put(gold)).has_value());
  EXPECT_EQ(await(plans_.find("gold")).value(), gold);
  gold.name = "Golden";
  gold.max_keys = 9;
  gold.account_group = "gold";
  ASSERT_TRUE(await(plans_.put(gold)).has_value());
  EXPECT_EQ(await(plans_.find("gold")).value(), gold);
  EXPECT_EQ(await(plans_.list())->size(), 5U);
}

RELAY_EVERY_STORE(PlanStoreContract);

class SecretStoreContract : public StoreContract {
 protected:
  SecretStore& secrets_ = store_->secrets();
};

TEST_P(SecretStoreContract, KeepsTheFirstForEverybody) {
  const std::string sealed("\0\xff sealed \n", 12);
  EXPECT_EQ(code_of(await(secrets_.find("rsa"))), "secret_unknown");
  EXPECT_EQ(await(secrets_.put_if_absent("rsa", sealed, clock_.now())).value(), sealed);
  EXPECT_EQ(await(secrets_.put_if_absent("rsa", "another", clock_.now())).value(), sealed);
  EXPECT_EQ(await(secrets_.find("rsa")).value(), sealed);
}

RELAY_EVERY_STORE(SecretStoreContract);

}  // namespace plan_store_test
}  // namespace relay::test
