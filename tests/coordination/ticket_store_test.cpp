#include "coordination/sign_in_state.h"

#include <atomic>
#include <thread>
#include <vector>

namespace relay {
namespace ticket_store_test {

using namespace std::chrono_literals;
using test::await;

class TicketStoreContract : public test::SignInStateContract {
 protected:
  TicketStore& tickets_ = state_->tickets();
};
INSTANTIATE_SIGN_IN_STATES(TicketStoreContract);

TEST_P(TicketStoreContract, KeepsAValueUntilItIsTaken) {
  ASSERT_TRUE(await(tickets_.put("a", "value", 1min)).has_value());
  EXPECT_EQ(await(tickets_.find("a")).value(), "value");
  EXPECT_EQ(await(tickets_.find("a")).value(), "value");
  EXPECT_EQ(await(tickets_.take("a")).value(), "value");
  EXPECT_EQ(await(tickets_.take("a")).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(await(tickets_.find("a")).error().kind(), ErrorKind::not_found);
}

TEST_P(TicketStoreContract, ForgetsAtTheEndOfItsLifetime) {
  ASSERT_TRUE(await(tickets_.put("a", "value", 1min)).has_value());
  state_->pass_time(1min);
  EXPECT_TRUE(await(tickets_.find("a")).has_error());
  EXPECT_TRUE(await(tickets_.take("a")).has_error());
}

TEST_P(TicketStoreContract, GivesItToOneOfMany) {
  ASSERT_TRUE(await(tickets_.put("a", "value", 1min)).has_value());
  std::atomic<int> got{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { got += await(tickets_.take("a")).has_value() ? 1 : 0; });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(got, 1);
}

}  // namespace ticket_store_test
}  // namespace relay
