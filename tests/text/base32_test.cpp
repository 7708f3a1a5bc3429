#include "text/base32.h"

#include <gtest/gtest.h>

namespace relay {
namespace base32_test {

// RFC 4648 section 10, without the padding.
TEST(Base32, WritesTheTestVectors) {
  EXPECT_EQ(to_base32(""), "");
  EXPECT_EQ(to_base32("f"), "MY");
  EXPECT_EQ(to_base32("fo"), "MZXQ");
  EXPECT_EQ(to_base32("foo"), "MZXW6");
  EXPECT_EQ(to_base32("foob"), "MZXW6YQ");
  EXPECT_EQ(to_base32("fooba"), "MZXW6YTB");
  EXPECT_EQ(to_base32("foobar"), "MZXW6YTBOI");
}

}  // namespace base32_test
}  // namespace relay
