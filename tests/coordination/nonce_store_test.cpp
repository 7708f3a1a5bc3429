#include "coordination/sign_in_state.h"

#include <atomic>
#include <thread>
#include <vector>

namespace relay {
namespace nonce_store_test {

using namespace std::chrono_literals;
using test::await;

class NonceStoreContract : public test::SignInStateContract {};
INSTANTIATE_SIGN_IN_STATES(NonceStoreContract);

TEST_P(NonceStoreContract, PassesOnce) {
  auto& nonces = state_->nonces();
  ASSERT_TRUE(await(nonces.put("n1", 5min)).has_value());
  EXPECT_TRUE(await(nonces.take("n1")).has_value());
  EXPECT_EQ(await(nonces.take("n1")).error().code(), "nonce_unknown");
  EXPECT_TRUE(await(nonces.take("n2")).has_error());
}

TEST_P(NonceStoreContract, ForgetsAfterItsTime) {
  auto& nonces = state_->nonces();
  ASSERT_TRUE(await(nonces.put("n1", 5min)).has_value());
  state_->pass_time(5min);
  EXPECT_TRUE(await(nonces.take("n1")).has_error());
}

TEST_P(NonceStoreContract, LetsOneOfManyThrough) {
  auto& nonces = state_->nonces();
  ASSERT_TRUE(await(nonces.put("n1", 5min)).has_value());
  std::atomic<int> passed = 0;
  {
    std::vector<std::jthread> takers;
    for (int i = 0; i < 8; ++i) {
      takers.emplace_back([&] { passed += await(nonces.take("n1")).has_value() ? 1 : 0; });
    }
  }
  EXPECT_EQ(passed, 1);
}

TEST(MemoryNonceStore, IsBounded) {
  test::FixedClock clock;
  MemoryNonceStore nonces(clock);
  ASSERT_TRUE(await(nonces.put("first", 1min)).has_value());
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(await(nonces.put(std::to_string(i), 5min)).has_value());
  EXPECT_TRUE(await(nonces.take("first")).has_error());
  EXPECT_TRUE(await(nonces.take("99999")).has_value());
}

}  // namespace nonce_store_test
}  // namespace relay
