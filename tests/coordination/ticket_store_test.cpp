#include "coordination/memory/memory_ticket_store.h"

#include "fakes/await.h"
#include "fakes/fixed_clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace relay {
namespace {

using namespace std::chrono_literals;
using test::await;

class TicketStoreTest : public testing::Test {
 protected:
  test::FixedClock clock_;
  MemoryTicketStore tickets_{clock_};
};

TEST_F(TicketStoreTest, KeepsAValueUntilItIsTaken) {
  ASSERT_TRUE(await(tickets_.put("a", "value", 1min)).has_value());
  EXPECT_EQ(await(tickets_.find("a")).value(), "value");
  EXPECT_EQ(await(tickets_.find("a")).value(), "value");
  EXPECT_EQ(await(tickets_.take("a")).value(), "value");
  EXPECT_EQ(await(tickets_.take("a")).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(await(tickets_.find("a")).error().kind(), ErrorKind::not_found);
}

TEST_F(TicketStoreTest, ForgetsAtTheEndOfItsLifetime) {
  ASSERT_TRUE(await(tickets_.put("a", "value", 1min)).has_value());
  clock_.advance(1min);
  EXPECT_TRUE(await(tickets_.find("a")).has_error());
  EXPECT_TRUE(await(tickets_.take("a")).has_error());
}

TEST_F(TicketStoreTest, GivesItToOneOfMany) {
  ASSERT_TRUE(await(tickets_.put("a", "value", 1min)).has_value());
  std::atomic<int> got{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { got += await(tickets_.take("a")).has_value() ? 1 : 0; });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(got, 1);
}

}  // namespace
}  // namespace relay
