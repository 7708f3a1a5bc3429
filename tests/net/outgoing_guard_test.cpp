#include "net/outgoing_guard.h"

#include <gtest/gtest.h>

namespace relay {
namespace outgoing_guard_test {

bool is_public(const char* text) { return is_public_address(*IpAddress::parse(text)); }

TEST(OutgoingGuard, RefusesWhatIsNotPublic) {
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "198.18.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::127.0.0.1",
                           "64:ff9b::a00:1",
                           "2001:0:1::1",
                           "2002:7f00:1::",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "ff02::1",
                           "2001:db8::1"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

TEST(OutgoingGuard, LetsTheInternetPass) {
  for (const char* text : {"1.1.1.1", "140.82.121.4", "172.32.0.1", "100.63.255.255", "::ffff:8.8.8.8",
                           "2606:4700::1111", "2a00:1450:4001::200e"}) {
    EXPECT_TRUE(is_public(text)) << text;
  }
}

}  // namespace outgoing_guard_test
}  // namespace relay
