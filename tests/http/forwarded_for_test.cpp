#include "http/forwarded_for.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace relay {
namespace forwarded_for_test {

std::string client(std::string_view peer, std::vector<std::string_view> lines) {
  const std::vector<IpNetwork> trusted{*IpNetwork::parse("10.0.0.0/8"), *IpNetwork::parse("fd00::/8")};
  return client_address(*IpAddress::parse(peer), lines, trusted).text();
}

TEST(ForwardedFor, OnlyATrustedPeerIsBelieved) {
  EXPECT_EQ(client("203.0.113.7", {"198.51.100.1"}), "203.0.113.7");
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
}

TEST(ForwardedFor, TheRightMostUntrustedHopCounts) {
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1, 198.51.100.1, 10.0.0.2"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1", "198.51.100.1,10.0.0.2", "10.0.0.3"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.9, 10.0.0.2"}), "10.0.0.9");
}

TEST(ForwardedFor, NonsenseEndsTheSearch) {
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.1, unknown, 10.0.0.2"}), "10.0.0.2");
  EXPECT_EQ(client("10.0.0.1", {""}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.1,"}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {"[::1"}), "10.0.0.1");
}

TEST(ForwardedFor, MappedAddressesAndPortsAreTheAddress) {
  EXPECT_EQ(client("::ffff:10.0.0.1", {"::ffff:198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("fd00::1", {"198.51.100.1:4711"}), "198.51.100.1");
  EXPECT_EQ(client("fd00::1", {"[2001:db8::1]:4711"}), "2001:db8::1");
  EXPECT_EQ(client("fd00::1", {"2001:db8::1"}), "2001:db8::1");
}

TEST(ForwardedFor, ReadsAllLinesOfAHead) {
  const std::string bytes =
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\nx-forwarded-for: 10.0.0.2\r\n\r\n";
  ParsedHead head;
  ASSERT_EQ(HeadReader().read_request(bytes, head), HeadState::complete);
  const std::vector<IpNetwork> trusted{*IpNetwork::parse("10.0.0.0/8")};
  EXPECT_EQ(client_address(*IpAddress::parse("10.0.0.1"), head, trusted).text(), "198.51.100.1");
  EXPECT_EQ(client_address(*IpAddress::parse("10.1.0.1"), head, {}).text(), "10.1.0.1");
}

TEST(ForwardedProto, OnlyATrustedProxyIsBelieved) {
  const std::vector<IpNetwork> trusted{*IpNetwork::parse("10.0.0.0/8")};
  const auto over_tls = [&](const char* peer, const std::string& scheme) {
    const std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: " + scheme + "\r\n\r\n";
    ParsedHead head;
    EXPECT_EQ(HeadReader().read_request(bytes, head), HeadState::complete);
    return came_over_tls(*IpAddress::parse(peer), head, trusted);
  };
  EXPECT_TRUE(over_tls("10.0.0.1", "https"));
  EXPECT_TRUE(over_tls("10.0.0.1", "http, HTTPS"));
  EXPECT_FALSE(over_tls("10.0.0.1", "https, http"));  // what stands left is the client's own word
  EXPECT_FALSE(over_tls("10.0.0.1", ""));
  EXPECT_FALSE(over_tls("203.0.113.7", "https"));
}

}  // namespace forwarded_for_test
}  // namespace relay
