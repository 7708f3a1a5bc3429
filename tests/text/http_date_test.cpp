#include "text/http_date.h"

#include "text/rfc3339.h"

#include <gtest/gtest.h>

namespace relay {
namespace http_date_test {

TEST(HttpDate, ReadsTheThreeFormsOfRfc9110) {
  const auto moment = parse_rfc3339("1994-11-06T08:49:37Z");
  ASSERT_TRUE(moment);
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), moment);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), moment);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), moment);
  EXPECT_EQ(parse_http_date("Mon Nov 16 08:49:37 2026"), parse_rfc3339("2026-11-16T08:49:37Z"));
  EXPECT_EQ(parse_http_date("Thursday, 29-Feb-24 23:59:60 GMT"), parse_rfc3339("2024-03-01T00:00:00Z"));
  EXPECT_EQ(parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT"), parse_rfc3339("9999-12-31T23:59:59Z"));
}

TEST(HttpDate, IsNothingElse) {
  for (const auto* text :
       {"", " ", "7", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Now 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Mon, 01 Jan 1900 00:00:00 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT", "Sun Nov    08:49:37 1994", "S1n, 06 Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z"})
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

}  // namespace http_date_test
}  // namespace relay
