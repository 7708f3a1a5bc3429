#include "service/rerate_service.h"

#include "fakes/await.h"
#include "fakes/fixed_clock.h"
#include "metering/records.h"
#include "store/store_under_test.h"

#include <gtest/gtest.h>

namespace relay {
namespace rerate_service_test {

using namespace std::chrono_literals;
using test::a_record;
using test::await;

class RerateServiceTest : public testing::Test {
 protected:
  RerateServiceTest() {
    std::vector<UsageRecord> records;
    for (int n = 1; n <= 2'500; ++n) {
      records.push_back(a_record(n, clock.now() - 1h));
      records.back().model = records.back().requested_model = "claude-mine";
    }
    EXPECT_TRUE(await(store->usage().append("node_1", test::batch_of(1, records))).has_value());
  }
  // 1,000 in at this price; the 200 tokens of output cost nothing.
  void price(PicoUsd input) {
    ModelPrice line{.model = "claude-mine", .provider = "anthropic", .rates = {}};
    line.rates.input = input;
    std::vector<ModelPrice> lines{line};
    ASSERT_TRUE(await(store->prices().put(std::move(lines))).has_value());
  }
  NanoUsd cost_of_day() {
    UsageQuery query{.user_id = "usr_1", .from = clock.now() - 48h, .to = clock.now() + 48h};
    return await(store->usage().report(std::move(query))).value().totals.cost_nano_usd;
  }
  RerateScope all() const { return {.from = clock.now() - 24h, .to = clock.now()}; }
  RerateService::Parts parts() {
    return {
        .prices = store->prices(), .usage = store->usage(), .leases = store->job_leases(), .clock = clock};
  }
  test::FixedClock clock;
  std::unique_ptr<test::StoreUnderTest> store = test::store_makers().front().make();
  RerateService service_{parts(), "first"};
};

TEST_F(RerateServiceTest, ComparesWithoutChangingAndAppliesOnce) {
  price(11'000'000);
  const auto compared = await(service_.compare(all())).value();
  EXPECT_EQ(compared.changed, 0);
  EXPECT_EQ(compared.differences.total().changed, 2'500);
  EXPECT_EQ(cost_of_day(), 25'000'000'000);

  EXPECT_EQ(await(service_.apply(all()))->changed, 2'500);
  EXPECT_EQ(cost_of_day(), 27'500'000'000);
  const auto again = await(service_.apply(all())).value();
  EXPECT_EQ(again.changed, 0);
  EXPECT_EQ(again.differences.total().difference_nano_usd(), 0);
  EXPECT_EQ(again.differences.total().before_nano_usd, 27'500'000'000);
}

TEST_F(RerateServiceTest, OneRunsAtATimeAndOneThatDiedIsFollowed) {
  price(9'000'000);
  const auto now = clock.now();
  ASSERT_TRUE(await(store->job_leases().take("rerate", "another", now, now + 2min)).value());
  const auto refused = await(service_.apply(all()));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code(), "rerate_running");
  EXPECT_EQ(refused.error().kind(), ErrorKind::conflict);
  EXPECT_EQ(cost_of_day(), 25'000'000'000);
  EXPECT_TRUE(await(service_.compare(all())).has_value()) << "who only looks needs no turn";
  clock.advance(2min);
  EXPECT_EQ(await(service_.apply(all()))->changed, 2'500);
  RerateService second(parts(), "second");
  EXPECT_TRUE(await(second.apply(all())).has_value()) << "the lease was given back";
}

TEST_F(RerateServiceTest, AModelWithoutAPriceKeepsItsCost) {
  const auto outcome = await(service_.apply(all())).value();
  EXPECT_EQ(outcome.changed, 0);
  EXPECT_EQ(outcome.differences.total().price_gone, 2'500);
  EXPECT_EQ(cost_of_day(), 25'000'000'000);
}

}  // namespace rerate_service_test
}  // namespace relay
