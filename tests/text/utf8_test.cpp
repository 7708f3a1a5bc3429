#include "text/utf8.h"

#include <gtest/gtest.h>

namespace relay {
namespace utf8_test {

TEST(Utf8, CountsCodePoints) {
  EXPECT_EQ(count_utf8(""), 0U);
  EXPECT_EQ(count_utf8("abc"), 3U);
  EXPECT_EQ(count_utf8("ä€😀"), 3U);
  EXPECT_EQ(count_utf8("\xF4\x8F\xBF\xBF"), 1U);  // U+10FFFF
}

TEST(Utf8, RefusesWhatRfc3629Refuses) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x80\x80", "\xE2\x82", "\xED\xA0\x80",
                           "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xC3z"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Utf8, MendsWhatIsNot) {
  EXPECT_EQ(to_valid_utf8("ä€😀"), "ä€😀");
  EXPECT_EQ(to_valid_utf8("a\xC3z\xFF"), "a\xEF\xBF\xBDz\xEF\xBF\xBD");
  EXPECT_EQ(to_valid_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(to_valid_utf8("aä€", 3), "aä");
  EXPECT_EQ(to_valid_utf8("aä€", 5), "aä") << "not within a code point";
}

}  // namespace utf8_test
}  // namespace relay
