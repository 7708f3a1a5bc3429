#include "http/query.h"

#include <gtest/gtest.h>

namespace relay {
namespace query_test {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Query, ReadsNamesAndValues) {
  EXPECT_EQ(parse_query("a=1&b=x+y%20z&c&=d&&e=1=2"),
            (Pairs{{"a", "1"}, {"b", "x y z"}, {"c", ""}, {"", "d"}, {"e", "1=2"}}));
  EXPECT_EQ(parse_query(""), Pairs{});
}

TEST(Query, KeepsABrokenEscapeAsItStands) {
  EXPECT_EQ(parse_query("a=%zz&b=%4"), (Pairs{{"a", "%zz"}, {"b", "%4"}}));
}

TEST(Query, IsBounded) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a=1&";
  EXPECT_EQ(parse_query(many).size(), 100U);
}

TEST(PercentDecode, RefusesABrokenEscape) {
  EXPECT_EQ(percent_decode("a%2Fb%2f+"), "a/b/+");
  EXPECT_FALSE(percent_decode("%").has_value());
  EXPECT_FALSE(percent_decode("%2").has_value());
  EXPECT_FALSE(percent_decode("%g0").has_value());
}

}  // namespace query_test
}  // namespace relay
