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
  EXPECT_EQ(basic.budget, Budget());
  EXPECT_EQ(basic.priority, 50);
  EXPECT_EQ(code_of(await(plans_.find("gold"))), "plan_unknown");
}

TEST_P(PlanStoreContract, AddsAPlanAndReplacesIt) {
  Plan gold{.id = "gold",
            .name = "Gold",
            .monthly_price = 1,
            .max_keys = 2,
            .tokens_per_month = 3,
            .limits = {.requests_per_minute = 4,
                       .tokens_per_minute = 5,
                       .requests_per_day = 6,
                       .concurrency = 7,
                       .tokens_per_day = 8},
            .budget = {.daily = 9, .total = 10, .reset_minute = 11, .soft_periods = 12},
            .priority = 80,
            .permissions = Permissions::only(Permission::claude)};
  ASSERT_TRUE(await(plans_.put(gold)).has_value());
  EXPECT_EQ(await(plans_.find("gold")).value(), gold);
  gold.name = "Golden";
  gold.max_keys = 9;
  gold.account_group = "gold";
  gold.budget = {.monthly = 1};
  gold.priority = 0;
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
  EXPECT_EQ(await(secrets_.reseal("rsa", "another", "newer")).value(), false);
  EXPECT_EQ(await(secrets_.find("rsa")).value(), sealed);
  EXPECT_EQ(await(secrets_.reseal("rsa", sealed, std::string("new\0er", 6))).value(), true);
  EXPECT_EQ(await(secrets_.find("rsa")).value(), std::string("new\0er", 6));
  EXPECT_EQ(await(secrets_.reseal("dsa", sealed, "newer")).value(), false);
}

RELAY_EVERY_STORE(SecretStoreContract);

}  // namespace plan_store_test
}  // namespace relay::test
