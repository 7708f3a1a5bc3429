#include "upstream/base_url.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace base_url_test {

TEST(BaseUrl, HasHostPortAndPrefix) {
  const auto plain = BaseUrl::parse("https://api.anthropic.com", "X").value();
  EXPECT_TRUE(plain.tls);
  EXPECT_EQ(plain.host, "api.anthropic.com");
  EXPECT_EQ(plain.port, "443");
  EXPECT_EQ(plain.authority, "api.anthropic.com");
  EXPECT_EQ(plain.path_prefix, "");
  const auto v6 = BaseUrl::parse("http://[::1]:8080/team//v1/", "X").value();
  EXPECT_FALSE(v6.tls);
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.port, "8080");
  EXPECT_EQ(v6.authority, "[::1]:8080");
  EXPECT_EQ(v6.path_prefix, "/team");
  EXPECT_EQ(BaseUrl::parse("http://[2001:db8::7]", "X").value().port, "80");
}

TEST(BaseUrl, IsNothingThatCanNotBeConnectedTo) {
  for (const std::string text : {"",
                                 "api.anthropic.com",
                                 "ftp://a",
                                 "https://",
                                 "https://:443",
                                 "https:///v1",
                                 "https://a:",
                                 "https://a:0",
                                 "https://a:65536",
                                 "https://a:99999",
                                 "https://a:4x",
                                 "https://a:-1",
                                 "https://a b",
                                 "https://u@a",
                                 "https://a?x",
                                 "https://a#x",
                                 "https://a\\b",
                                 "https://::1",
                                 "https://[::1",
                                 "https://::1]",
                                 "https://[]",
                                 "https://[name]",
                                 "https://[127.0.0.1]",
                                 "https://[::1]x",
                                 "https://[[::1]]",
                                 "https://a\r\nx: y"}) {
    const auto parsed = BaseUrl::parse(text, "ANTHROPIC_BASE_URL");
    ASSERT_TRUE(parsed.has_error()) << text;
    EXPECT_EQ(parsed.error().fields().at(0).field, "ANTHROPIC_BASE_URL") << text;
  }
  EXPECT_TRUE(BaseUrl::parse("https://" + std::string(254, 'a'), "X").has_error());
}

}  // namespace base_url_test
}  // namespace relay::test
