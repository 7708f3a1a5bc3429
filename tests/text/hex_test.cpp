#include "text/hex.h"

#include <gtest/gtest.h>

#include <array>

namespace relay {
namespace hex_test {

TEST(Hex, ReadsWhatItWrote) {
  std::array<unsigned char, 256> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i);
  const auto text = to_hex(bytes);
  EXPECT_EQ(text.substr(0, 6), "000102");
  EXPECT_EQ(text.substr(510), "ff");
  std::array<unsigned char, 256> back{};
  ASSERT_TRUE(parse_hex(text, back));
  EXPECT_EQ(back, bytes);
}

TEST(Hex, RefusesOtherLengthsAndLetters) {
  std::array<unsigned char, 2> out{};
  EXPECT_TRUE(parse_hex("aBC9", out));
  for (const auto* text : {"", "abc", "abcde", "abcg", "ab c", "0x12"})
    EXPECT_FALSE(parse_hex(text, out)) << text;
}

}  // namespace hex_test
}  // namespace relay
