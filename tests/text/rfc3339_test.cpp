#include "text/rfc3339.h"

#include <gtest/gtest.h>

namespace relay {
namespace rfc3339_test {

using std::chrono::milliseconds;

WallTime at(std::int64_t epoch_ms) { return WallTime(milliseconds(epoch_ms)); }

TEST(Rfc3339, WritesUtcWithMilliseconds) {
  EXPECT_EQ(to_rfc3339(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(at(1'767'225'600'007)), "2026-01-01T00:00:00.007Z");
}

TEST(Rfc3339, ReadsEveryFormOfTheSameMoment) {
  for (const char* text :
       {"2026-01-01T00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01 00:00:00Z", "2026-01-01T01:30:00+01:30",
        "2025-12-31T19:00:00-05:00", "2026-01-01T00:00:00.000000Z", "2025-12-31T23:59:60Z"}) {
    EXPECT_EQ(parse_rfc3339(text), at(1'767'225'600'000)) << text;
  }
  EXPECT_EQ(parse_rfc3339("2026-01-01T00:00:00.5Z"), at(1'767'225'600'500));
  EXPECT_EQ(parse_rfc3339("2026-01-01T00:00:00.0079Z"), at(1'767'225'600'007));
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const char* text :
       {"", "2026-01-01", "2026-01-01T00:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "1969-12-31T00:00:00Z",
        "1970-01-01T00:00:00+01:00", "2026-1-1T00:00:00Z", "tomorrow"}) {
    EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
  }
}

TEST(Rfc3339, KnowsDays) {
  EXPECT_EQ(to_date(at(1'767'225'599'999)), "2025-12-31");
  EXPECT_EQ(parse_date("2026-01-01"), at(1'767'225'600'000));
  EXPECT_FALSE(parse_date("2026-01-01T").has_value());
}

}  // namespace rfc3339_test
}  // namespace relay
