#include "store/store_contract.h"

#include <atomic>
#include <thread>

namespace relay::test {
namespace job_lease_store_test {

using namespace std::chrono_literals;

class JobLeaseStoreContract : public StoreContract {
 protected:
  bool take(const std::string& holder, std::chrono::milliseconds length, const std::string& job = "job") {
    return await(leases_.take(job, holder, clock_.now(), clock_.now() + length)).value();
  }
  JobLeaseStore& leases_ = store_->job_leases();
};

TEST_P(JobLeaseStoreContract, GivesAJobToOneHolderAtATime) {
  EXPECT_TRUE(take("a", 1min));
  EXPECT_FALSE(take("b", 1min));
  EXPECT_TRUE(take("b", 1min, "another job"));
  EXPECT_TRUE(take("a", 2min)) << "the holder lengthens it";
  clock_.advance(90s);
  EXPECT_FALSE(take("b", 1min));
  clock_.advance(30s);
  EXPECT_TRUE(take("b", 1min)) << "it has ended";
  EXPECT_FALSE(take("a", 1min));
  EXPECT_TRUE(take("b", 0s)) << "given back";
  EXPECT_TRUE(take("a", 1min));
}

TEST_P(JobLeaseStoreContract, GivesItToOneOfManyAtOnce) {
  std::atomic<int> taken{0};
  std::vector<std::thread> nodes;
  for (int n = 0; n < 4; ++n) {
    nodes.emplace_back([this, n, &taken] { taken += take("node " + std::to_string(n), 1min) ? 1 : 0; });
  }
  for (auto& node : nodes) node.join();
  EXPECT_EQ(taken, 1);
}

TEST_P(JobLeaseStoreContract, KnowsWhoTookItLast) {
  const auto last = [this] { return await(leases_.last_holder("job")).value(); };
  EXPECT_EQ(last(), "");
  EXPECT_TRUE(take("a", 1min));
  EXPECT_EQ(last(), "a");
  clock_.advance(2min);
  EXPECT_EQ(last(), "a") << "it has ended, and is known";
  EXPECT_TRUE(take("b", 1min));
  ASSERT_TRUE(await(leases_.forget("job", "a")).has_value());
  EXPECT_EQ(last(), "b");
  ASSERT_TRUE(await(leases_.forget("job", "b")).has_value());
  EXPECT_EQ(last(), "");
  EXPECT_TRUE(take("c", 1min)) << "nobody has it";
}

RELAY_EVERY_STORE(JobLeaseStoreContract);

}  // namespace job_lease_store_test
}  // namespace relay::test
