#include "text/decimal.h"

#include <gtest/gtest.h>

#include <limits>

namespace relay {
namespace decimal_test {

constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();

TEST(Decimal, ReadsExactly) {
  EXPECT_EQ(parse_decimal("12.50", 9), 12'500'000'000);
  EXPECT_EQ(parse_decimal("0", 9), 0);
  EXPECT_EQ(parse_decimal("-0.000000001", 9), -1);
  EXPECT_EQ(parse_decimal("1.0000000000000", 9), 1'000'000'000);
  EXPECT_EQ(parse_decimal("007", 0), 7);
  EXPECT_EQ(parse_decimal("9223372036.854775807", 9), kMost);
  EXPECT_EQ(parse_decimal("-9223372036.854775808", 9), kLeast);
}

TEST(Decimal, RefusesWhatItCannotHold) {
  for (const auto* text :
       {"", "-", ".", "1.", ".5", "1.2.3", "1,5", "1e3", "+1", " 1", "1 ", "--1", "0x10", "nan",
        "0.0000000001", "9223372036.854775808", "99999999999999999999", "-9223372036.854775809"}) {
    EXPECT_EQ(parse_decimal(text, 9), std::nullopt) << text;
  }
}

TEST(Decimal, WritesTheShortestTextWithAtLeastSomeDecimals) {
  EXPECT_EQ(to_decimal(12'500'000'000, 9, 2), "12.50");
  EXPECT_EQ(to_decimal(12'500'000'000, 9), "12.5");
  EXPECT_EQ(to_decimal(0, 9, 2), "0.00");
  EXPECT_EQ(to_decimal(0, 9), "0");
  EXPECT_EQ(to_decimal(-1, 9), "-0.000000001");
  EXPECT_EQ(to_decimal(1'234'567'890, 9, 2), "1.23456789");
  EXPECT_EQ(to_decimal(kLeast, 9, 2), "-9223372036.854775808");
  EXPECT_EQ(to_decimal(42, 0), "42");
}

TEST(Decimal, ReadsWhatItWrote) {
  for (const std::int64_t value :
       {kMost, kLeast, std::int64_t{1}, std::int64_t{-10}, std::int64_t{999'999'999}}) {
    for (const int scale : {0, 1, 9, 18}) EXPECT_EQ(parse_decimal(to_decimal(value, scale), scale), value);
  }
}

}  // namespace decimal_test
}  // namespace relay
