#include "store/store_contract.h"

namespace relay::test {
namespace billing_store_test {

class BillingStoreContract : public StoreContract {
 protected:
  BillingStoreContract() { put_user("usr_1"), put_user("usr_2"); }

  BillingRecord a_record(const std::string& id, NanoUsd amount) {
    clock_.advance(std::chrono::milliseconds(1));
    return BillingRecord{.id = id,
                         .user_id = "usr_1",
                         .kind = amount < 0 ? BillingKind::charge : BillingKind::payment,
                         .amount = amount,
                         .description = "for " + id,
                         .created_at = clock_.now()};
  }

  BillingStore& billing_ = store_->billing();
};

TEST_P(BillingStoreContract, MovesTheBalanceWithEachRecord) {
  EXPECT_EQ(await(billing_.post(a_record("bil_1", 10'000'000'000))).value().balance_after, 10'000'000'000);
  auto charge = a_record("bil_2", -3'500'000'000);
  charge.period_start = clock_.now();
  charge.period_end = clock_.now() + std::chrono::hours(1);
  charge.reference = "inv-1";
  EXPECT_EQ(await(billing_.post(charge)).value().balance_after, 6'500'000'000);
  EXPECT_EQ(await(store_->users().find("usr_1")).value().balance_nano_usd, 6'500'000'000);
  EXPECT_EQ(await(store_->users().find("usr_2")).value().balance_nano_usd, 0);

  const auto first = await(billing_.list_by_user("usr_1", {.limit = 1})).value();
  ASSERT_EQ(first.items.size(), 1U);
  const auto& kept = first.items[0];
  EXPECT_EQ(kept.id, "bil_2");
  EXPECT_EQ(kept.kind, BillingKind::charge);
  EXPECT_EQ(kept.amount, -3'500'000'000);
  EXPECT_EQ(kept.period_end, charge.period_end);
  EXPECT_EQ(kept.reference, "inv-1");
  EXPECT_EQ(kept.description, "for bil_2");
  EXPECT_EQ(await(billing_.list_by_user("usr_1", {.cursor = first.next_cursor}))->items.at(0).id, "bil_1");
  EXPECT_TRUE(await(billing_.list_by_user("usr_2", {}))->items.empty());
}

TEST_P(BillingStoreContract, CountsAPaymentOnce) {
  auto payment = a_record("bil_1", 5);
  payment.reference = "pay-1";
  ASSERT_TRUE(await(billing_.post(payment)).has_value());
  payment.id = "bil_2";
  EXPECT_EQ(kind_of(await(billing_.post(payment))), ErrorKind::conflict);
  EXPECT_EQ(await(store_->users().find("usr_1")).value().balance_nano_usd, 5);
  payment.user_id = "usr_0";
  EXPECT_EQ(code_of(await(billing_.post(payment))), "user_unknown");
}

RELAY_EVERY_STORE(BillingStoreContract);

}  // namespace billing_store_test
}  // namespace relay::test
