#include "domain/month.h"

#include <gtest/gtest.h>

namespace relay {
namespace month_test {

using namespace std::chrono_literals;

TEST(Month, HasItsFirstMillisecondAndNotTheNextOnes) {
  const std::chrono::sys_days december = std::chrono::year(2026) / 12 / 1;
  const std::chrono::sys_days january = std::chrono::year(2027) / 1 / 1;
  for (const WallTime time : {WallTime(december), WallTime(january) - 1ms}) {
    EXPECT_EQ(month_of(time).first, december);
    EXPECT_EQ(month_of(time).next, january);
  }
  EXPECT_EQ(month_of(WallTime(january)).first, january);
}

}  // namespace month_test
}  // namespace relay
