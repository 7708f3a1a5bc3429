#include "store/store_contract.h"

namespace relay::test {
namespace two_factor_store_test {

class TwoFactorStoreContract : public StoreContract {
 protected:
  TwoFactorStoreContract() { put_user("usr_1"), put_user("usr_2"); }

  Result<> begin(const std::string& secret, const std::string& user_id = "usr_1") {
    return await(factors_.begin({.user_id = user_id, .sealed_secret = secret, .created_at = clock_.now()}));
  }
  Result<> confirm(const std::string& secret, std::int64_t step = 7) {
    std::vector<std::string> codes{"a", "b"};
    return await(factors_.confirm("usr_1", secret, step, codes, clock_.now()));
  }
  void turn_on() {
    ASSERT_TRUE(begin("sealed").has_value());
    ASSERT_TRUE(confirm("sealed").has_value());
  }

  TwoFactorStore& factors_ = store_->two_factors();
};

TEST_P(TwoFactorStoreContract, IsOnOnceItWasConfirmed) {
  EXPECT_EQ(code_of(await(factors_.find("usr_1"))), "two_factor_unknown");
  ASSERT_TRUE(begin("sealed").has_value());
  auto found = await(factors_.find("usr_1")).value();
  EXPECT_FALSE(found.is_on());
  EXPECT_EQ(found.sealed_secret, "sealed");
  EXPECT_EQ(found.created_at, clock_.now());

  ASSERT_TRUE(confirm("sealed").has_value());
  found = await(factors_.find("usr_1")).value();
  EXPECT_EQ(found.user_id, "usr_1");
  EXPECT_EQ(found.confirmed_at, clock_.now());
  EXPECT_EQ(found.last_step, 7);
  EXPECT_EQ(found.recovery_codes_left, 2);
}

TEST_P(TwoFactorStoreContract, BeginsAnewUntilItIsOn) {
  ASSERT_TRUE(begin("first").has_value());
  ASSERT_TRUE(begin("second").has_value());
  EXPECT_EQ(code_of(confirm("first")), "two_factor_on");  // not the one that is set up any more
  ASSERT_TRUE(confirm("second").has_value());
  EXPECT_EQ(code_of(confirm("second")), "two_factor_on");
  EXPECT_EQ(code_of(begin("third")), "two_factor_on");
  EXPECT_EQ(code_of(begin("x", "usr_0")), "user_unknown");
}

TEST_P(TwoFactorStoreContract, TakesEachStepOnceAndNoneBefore) {
  turn_on();
  EXPECT_EQ(code_of(await(factors_.use_step("usr_1", 7))), "code_used");
  EXPECT_TRUE(await(factors_.use_step("usr_1", 9)).has_value());
  EXPECT_EQ(code_of(await(factors_.use_step("usr_1", 9))), "code_used");
  EXPECT_EQ(code_of(await(factors_.use_step("usr_1", 8))), "code_used");
  EXPECT_TRUE(await(factors_.use_step("usr_1", 10)).has_value());
}

TEST_P(TwoFactorStoreContract, TakesEachRecoveryCodeOnce) {
  turn_on();
  EXPECT_EQ(code_of(await(factors_.use_recovery_code("usr_2", "a", clock_.now()))), "recovery_code_unknown");
  EXPECT_TRUE(await(factors_.use_recovery_code("usr_1", "a", clock_.now())).has_value());
  EXPECT_EQ(code_of(await(factors_.use_recovery_code("usr_1", "a", clock_.now()))), "recovery_code_unknown");
  EXPECT_EQ(await(factors_.find("usr_1"))->recovery_codes_left, 1);

  std::vector<std::string> codes{"c", "d", "e"};
  ASSERT_TRUE(await(factors_.replace_recovery_codes("usr_1", codes)).has_value());
  EXPECT_EQ(await(factors_.find("usr_1"))->recovery_codes_left, 3);
  EXPECT_EQ(code_of(await(factors_.use_recovery_code("usr_1", "b", clock_.now()))), "recovery_code_unknown");
  EXPECT_EQ(code_of(await(factors_.replace_recovery_codes("usr_2", codes))), "two_factor_unknown");
}

TEST_P(TwoFactorStoreContract, IsGoneWhenItIsRemoved) {
  turn_on();
  const auto sealed = await(factors_.find("usr_1"))->sealed_secret;
  EXPECT_EQ(await(factors_.reseal("usr_1", "another", "newer")).value(), false);
  EXPECT_EQ(await(factors_.find("usr_1"))->sealed_secret, sealed);
  EXPECT_EQ(await(factors_.reseal("usr_1", sealed, "newer")).value(), true);
  EXPECT_EQ(await(factors_.find("usr_1"))->sealed_secret, "newer");
  EXPECT_EQ(await(factors_.reseal("usr_2", sealed, "newer")).value(), false);
  ASSERT_TRUE(await(factors_.remove("usr_1")).has_value());
  EXPECT_EQ(code_of(await(factors_.find("usr_1"))), "two_factor_unknown");
  ASSERT_TRUE(await(factors_.remove("usr_1")).has_value());
  turn_on();
  EXPECT_EQ(await(factors_.find("usr_1"))->recovery_codes_left, 2);
}

TEST_P(TwoFactorStoreContract, GoesWithItsUser) {
  turn_on();
  ASSERT_TRUE(await(store_->users().erase("usr_1", clock_.now())).has_value());
  EXPECT_EQ(code_of(await(factors_.find("usr_1"))), "two_factor_unknown");
}

RELAY_EVERY_STORE(TwoFactorStoreContract);

}  // namespace two_factor_store_test
}  // namespace relay::test
