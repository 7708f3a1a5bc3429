#include "delivery/smtp_server.h"

#include <gtest/gtest.h>

namespace relay {
namespace smtp_server_test {

TEST(SmtpUrl, ReadsHostPortAndCredentials) {
  SmtpServer server;
  ASSERT_EQ(parse_smtp_url("smtp://me%40example.com:p%3A%2Fs%25@mail.example.com:2525", server), "");
  EXPECT_FALSE(server.tls_from_the_start);
  EXPECT_EQ(server.user, "me@example.com");
  EXPECT_EQ(server.password, "p:/s%");
  EXPECT_EQ(server.host, "mail.example.com");
  EXPECT_EQ(server.port, 2525);
  EXPECT_TRUE(server.must_use_tls());
}

TEST(SmtpUrl, KnowsTheUsualPorts) {
  SmtpServer server;
  ASSERT_EQ(parse_smtp_url("smtps://mail.example.com", server), "");
  EXPECT_TRUE(server.tls_from_the_start);
  EXPECT_EQ(server.port, 465);
  ASSERT_EQ(parse_smtp_url("smtp://[::1]/", server), "");
  EXPECT_EQ(server.host, "[::1]");
  EXPECT_EQ(server.port, 587);
  EXPECT_FALSE(server.must_use_tls());
  ASSERT_EQ(parse_smtp_url("smtp://u:p@127.0.0.1:25", server), "");
  EXPECT_FALSE(server.must_use_tls());
}

TEST(SmtpUrl, RefusesAllElse) {
  SmtpServer server;
  for (const auto* text : {"", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://host:0",
                           "smtp://host:65536", "smtp://host:25/path", "smtp://a b", "smtp://@host",
                           "smtp://u%0d%0a:p@host", "smtp://u:%zz@host", "smtp://host?x=y", "smtp://[::1"}) {
    EXPECT_NE(parse_smtp_url(text, server), "") << text;
  }
  EXPECT_EQ(server.host, "");
}

TEST(SmtpUrl, NeverRepeatsThePassword) {
  SmtpServer server;
  EXPECT_EQ(parse_smtp_url("smtp://user:hunter22@bad host", server).find("hunter22"), std::string::npos);
}

TEST(SmtpFrom, ReadsAnAddressWithOrWithoutAName) {
  MailSender sender;
  ASSERT_EQ(parse_mail_sender("relay@example.com", sender), "");
  EXPECT_EQ(sender.address, "relay@example.com");
  EXPECT_EQ(sender.name, "");
  ASSERT_EQ(parse_mail_sender("\"Claude Relay\" <relay@example.com>", sender), "");
  EXPECT_EQ(sender.name, "Claude Relay");
  for (const auto* text :
       {"", "relay", "Relay relay@example.com>", "A\r\nBcc: x <relay@example.com>", "<>"}) {
    EXPECT_NE(parse_mail_sender(text, sender), "") << text;
  }
}

}  // namespace smtp_server_test
}  // namespace relay
