#include "text/ip_address.h"

#include <gtest/gtest.h>

namespace relay {
namespace ip_address_test {

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }
IpNetwork network(const char* text) { return IpNetwork::parse(text).value(); }

TEST(IpAddress, HasOneFormForAnIpv4AndItsMappedIpv6) {
  EXPECT_EQ(address("::ffff:10.0.0.1"), address("10.0.0.1"));
  EXPECT_EQ(address("::ffff:a00:1").text(), "10.0.0.1");
  EXPECT_TRUE(address("::FFFF:10.0.0.1").is_v4());
  EXPECT_FALSE(address("2001:db8::1").is_v4());
  EXPECT_EQ(address("2001:0DB8:0:0::1").text(), "2001:db8::1");
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
  for (const auto* text : {"", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1:80", "[::1]", "fe80::1%eth0",
                           "1::2::3", " 10.0.0.1", "10.0.0.1 ", "localhost", "::ffff:10.0.0.1.2",
                           "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"}) {
    EXPECT_EQ(IpAddress::parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(IpAddress::parse(std::string_view("10.0.0.1\0x", 10)), std::nullopt);
}

TEST(IpAddress, KnowsTheLoopback) {
  EXPECT_TRUE(address("127.0.0.1").is_loopback());
  EXPECT_TRUE(address("127.255.1.2").is_loopback());
  EXPECT_TRUE(address("::1").is_loopback());
  EXPECT_TRUE(address("::ffff:127.0.0.1").is_loopback());
  EXPECT_FALSE(address("128.0.0.1").is_loopback());
  EXPECT_FALSE(address("::2").is_loopback());
  EXPECT_FALSE(address("1::1").is_loopback());
}

TEST(IpNetwork, ContainsItsAddressesAndNoOther) {
  EXPECT_TRUE(network("10.0.0.0/8").contains(address("10.255.0.1")));
  EXPECT_TRUE(network("10.0.0.0/8").contains(address("::ffff:10.1.2.3")));
  EXPECT_FALSE(network("10.0.0.0/8").contains(address("11.0.0.0")));
  EXPECT_TRUE(network("192.168.4.0/22").contains(address("192.168.7.255")));
  EXPECT_FALSE(network("192.168.4.0/22").contains(address("192.168.8.0")));
  EXPECT_TRUE(network("2001:db8::/33").contains(address("2001:db8:7fff::1")));
  EXPECT_FALSE(network("2001:db8::/33").contains(address("2001:db8:8000::1")));
  EXPECT_TRUE(network("10.0.0.1").contains(address("10.0.0.1")));
  EXPECT_FALSE(network("10.0.0.1").contains(address("10.0.0.2")));
}

// A rule for every IPv4 address must not let IPv6 in.
TEST(IpNetwork, KeepsTheVersionsApart) {
  EXPECT_TRUE(network("0.0.0.0/0").contains(address("8.8.8.8")));
  EXPECT_FALSE(network("0.0.0.0/0").contains(address("2001:db8::1")));
  EXPECT_TRUE(network("::/0").contains(address("2001:db8::1")));
}

TEST(IpNetwork, ClearsTheHostBitsAndReadsWhatItWrote) {
  EXPECT_EQ(network("10.1.2.3/8").text(), "10.0.0.0/8");
  EXPECT_EQ(network("10.1.2.3/32").text(), "10.1.2.3");
  EXPECT_EQ(network("2001:db8::1/32").text(), "2001:db8::/32");
  EXPECT_EQ(network("::ffff:10.0.0.0/104"), network("10.0.0.0/8"));
  for (const auto* text : {"0.0.0.0/0", "10.0.0.0/8", "::/0", "2001:db8::/127", "::1", "1.2.3.4"}) {
    EXPECT_EQ(network(text).text(), text);
  }
}

TEST(IpNetwork, RefusesBadPrefixes) {
  for (const auto* text : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/+8",
                           "10.0.0.0/ 8", "::/129", "/8", "10.0.0.0/8x", "10.0.0.0/99999999999"}) {
    EXPECT_EQ(IpNetwork::parse(text), std::nullopt) << text;
  }
}

}  // namespace ip_address_test
}  // namespace relay
