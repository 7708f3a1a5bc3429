#include "text/percent.h"

#include <gtest/gtest.h>

namespace relay {
namespace percent_test {

TEST(PercentEncode, EscapesAllButTheUnreserved) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("Claude Relay:a+b@c/ä&=%"), "Claude%20Relay%3Aa%2Bb%40c%2F%C3%A4%26%3D%25");
  EXPECT_EQ(percent_encode(std::string_view("\0\r\n", 3)), "%00%0D%0A");
}

}  // namespace percent_test
}  // namespace relay
