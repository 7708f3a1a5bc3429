#include "relay/pipeline.h"

#include <gtest/gtest.h>

namespace relay {
namespace in_flight_test {

TEST(InFlight, GivesTheLastFifthOfItsBoundOutByPriority) {
  InFlight in_flight;
  in_flight.limit = 1'000;
  EXPECT_EQ(in_flight.limit_for(0), 800U);
  EXPECT_EQ(in_flight.limit_for(25), 850U);
  EXPECT_EQ(in_flight.limit_for(50), 900U);
  EXPECT_EQ(in_flight.limit_for(100), 1'000U);
  EXPECT_EQ(in_flight.limit_for(-5), 800U);
  EXPECT_EQ(in_flight.limit_for(500), 1'000U);
}

TEST(InFlight, LetsOneInWhateverItsPriority) {
  InFlight in_flight;
  in_flight.limit = 1;
  EXPECT_EQ(in_flight.limit_for(0), 1U);
  in_flight.limit = 3;
  EXPECT_EQ(in_flight.limit_for(50), 3U);
}

}  // namespace in_flight_test
}  // namespace relay
