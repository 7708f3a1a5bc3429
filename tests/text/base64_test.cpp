#include "text/base64.h"

#include <gtest/gtest.h>

namespace relay {
namespace base64_test {

// RFC 4648 section 10.
TEST(Base64, AgreesWithTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(parse_base64(text), bytes);
  }
}

TEST(Base64, CarriesEveryByteInBothAlphabets) {
  std::string bytes;
  for (int i = 0; i < 1024; ++i) {
    EXPECT_EQ(parse_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(parse_base64url(to_base64url(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
}

TEST(Base64, GivesOneTextOneMeaning) {
  for (const auto* text : {"Zg=", "Z", "Zh==", "Zm9=", "Zg==Zg==", "Zm 9v", "Zm9v\n", "=", "====", "Zm-v"}) {
    EXPECT_EQ(parse_base64(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_base64url("Zg=="), std::nullopt);
}

}  // namespace base64_test
}  // namespace relay
