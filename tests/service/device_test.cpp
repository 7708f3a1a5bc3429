#include "service/device.h"

#include <gtest/gtest.h>

namespace relay {
namespace device_test {

Device at(const std::string& address, const std::string& agent) {
  return {.address = address, .user_agent = agent};
}

TEST(Device, IsToldInWords) {
  EXPECT_EQ(
      device_words("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0"),
      "Edge on Windows");
  EXPECT_EQ(device_words("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1"),
            "Safari on iPhone");
  EXPECT_EQ(device_words("curl/7.88.1"), "curl");
  EXPECT_EQ(device_words("something (Linux)"), "Unknown program on Linux");
  EXPECT_EQ(device_words(""), "Unknown device");
}

TEST(Device, IsTheSameWithANewVersionButNotAtAnotherAddress) {
  const auto before = device_fingerprint(at("192.0.2.1", "Firefox/131.0"));
  EXPECT_EQ(before, device_fingerprint(at("192.0.2.1", "Firefox/132.0.1")));
  EXPECT_NE(before, device_fingerprint(at("192.0.2.2", "Firefox/131.0")));
  EXPECT_NE(before, device_fingerprint(at("192.0.2.1", "Chrome/131.0")));
  EXPECT_EQ(device_fingerprint(at("2001:db8::1", "x")), device_fingerprint(at("2001:db8::2", "x")));
}

}  // namespace device_test
}  // namespace relay
