#include "domain/identifier.h"

#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"

#include <gtest/gtest.h>

namespace relay {
namespace identifier_test {

TEST(Identifier, SortsByTimeAndSaysWhatItIs) {
  test::FixedClock clock;
  test::SeededRandom random;
  const auto first = make_identifier("key_", clock.now(), random);
  clock.advance(std::chrono::milliseconds(1));
  const auto second = make_identifier("key_", clock.now(), random);
  EXPECT_EQ(first.size(), 30U);
  EXPECT_TRUE(first.starts_with("key_"));
  EXPECT_LT(first, second);
}

TEST(Identifier, HasTheTimeOfAUlid) {
  test::SeededRandom random;
  // The ULID specification's example: 1469918176385 is 01ARYZ6S41.
  const auto id = make_identifier("", WallTime(std::chrono::milliseconds(1469918176385)), random);
  EXPECT_EQ(id.substr(0, 10), "01ARYZ6S41");
}

TEST(Identifier, DiffersWithinAMillisecond) {
  test::FixedClock clock;
  test::SeededRandom random;
  EXPECT_NE(make_identifier("", clock.now(), random), make_identifier("", clock.now(), random));
}

TEST(Identifier, SortsInTheOrderOfMakingWithinAMillisecond) {
  test::FixedClock clock;
  test::SeededRandom random;
  auto before = make_identifier("", clock.now(), random);
  for (int i = 0; i < 10'000; ++i) {
    auto next = make_identifier("", clock.now(), random);
    ASSERT_LT(before, next);
    before = std::move(next);
  }
  EXPECT_EQ(before.size(), 26U);
}

}  // namespace identifier_test
}  // namespace relay
