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

TEST(Decimal, ReadsTheNumbersOfJsonExactly) {
  const auto pico = [](std::string_view text) { return parse_number(text, 12).value().value; };
  EXPECT_EQ(pico("3e-06"), 3'000'000);
  EXPECT_EQ(pico("0.000003"), 3'000'000);
  EXPECT_EQ(pico("1.25E-6"), 1'250'000);
  EXPECT_EQ(pico("2.5e-9"), 2'500);
  EXPECT_EQ(pico("2.5e-09"), 2'500);
  EXPECT_EQ(pico("0"), 0);
  EXPECT_EQ(pico("0.0"), 0);
  EXPECT_EQ(pico("1e+2"), 100'000'000'000'000);
  EXPECT_EQ(pico("30.000e-06"), 30'000'000);
  EXPECT_FALSE(parse_number("3e-06", 12)->rounded);
  EXPECT_FALSE(parse_number("1.000000000000000", 12)->rounded);

  // What adding doubles leaves behind.
  EXPECT_EQ(pico("1.5000000000000002e-07"), 150'000);
  EXPECT_TRUE(parse_number("1.5000000000000002e-07", 12)->rounded);
  EXPECT_EQ(pico("5e-13"), 1);
  EXPECT_EQ(pico("4.9e-13"), 0);
  EXPECT_EQ(pico("9e-14"), 0);
  EXPECT_TRUE(parse_number("9e-14", 12)->rounded);
  for (const auto* wrong :
       {"", "-1", "+1", "1.", ".5", "1e", "e5", "1e5x", "1e9999999999", "1e30", "NaN", "0x1", "1 "}) {
    EXPECT_FALSE(parse_number(wrong, 12)) << wrong;
  }
}

}  // namespace decimal_test
}  // namespace relay
