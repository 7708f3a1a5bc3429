#include "delivery/mail_message.h"

#include "text/base64.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace relay {
namespace mail_message_test {

const WallTime kNow{std::chrono::milliseconds(1'767'225'600'000)};  // 2026-01-01T00:00:00Z, a Thursday

const MailFields kFields{{"relay_url", "https://relay.example.com"},
                         {"username", "anna"},
                         {"recipient", "anna@example.com"},
                         {"link", "https://relay.example.com/verify-email?token=abc"},
                         {"new_email", "new@example.com"},
                         {"when", "2026-01-01 00:00 UTC"},
                         {"address", "192.0.2.1"},
                         {"device", "Firefox on Linux"},
                         {"key_name", "build server"},
                         {"key_display", "cr_abcde…wxyz"},
                         {"expires_at", "2026-01-08 00:00 UTC"},
                         {"percent", "80"},
                         {"used", "80"},
                         {"limit", "100"},
                         {"limit_name", "monthly token limit"},
                         {"resets_at", "2026-02-01 00:00 UTC"}};

constexpr MailKind kKinds[] = {MailKind::verify_email,     MailKind::reset_password, MailKind::email_changed,
                               MailKind::password_changed, MailKind::new_sign_in,    MailKind::key_created,
                               MailKind::key_expiring,     MailKind::limit_near};

std::string head_of(const std::string& message) { return message.substr(0, message.find("\r\n\r\n")); }

std::set<std::string> header_names(const std::string& message) {
  std::istringstream lines(head_of(message));
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    if (line[0] != ' ') names.insert(line.substr(0, line.find(':')));
  }
  return names;
}

TEST(MailTemplate, EveryKindHasWordsInBothForms) {
  for (const auto kind : kKinds) {
    const auto words = write_mail(kind, kFields);
    ASSERT_TRUE(words.has_value()) << to_string(kind) << words.error().cause();
    EXPECT_EQ(words->subject.find('\n'), std::string::npos);
    EXPECT_GT(words->text.size(), 80U) << to_string(kind);
    EXPECT_EQ(words->text.find("{{"), std::string::npos) << to_string(kind);
    EXPECT_EQ(words->html.find("{{"), std::string::npos) << to_string(kind);
    EXPECT_NE(words->html.find("</html>"), std::string::npos) << to_string(kind);
    EXPECT_EQ(words->html.find("http://"), std::string::npos) << "nothing is loaded from elsewhere";
    EXPECT_EQ(words->html.find("<img"), std::string::npos);
  }
}

TEST(MailTemplate, NamesAFieldThatIsMissing) {
  auto fields = kFields;
  fields.erase("link");
  const auto words = write_mail(MailKind::verify_email, fields);
  ASSERT_TRUE(words.has_error());
  EXPECT_NE(words.error().cause().find("link"), std::string::npos);
}

TEST(MailTemplate, LetsNoValueBringMarkupOrLines) {
  auto fields = kFields;
  fields["key_name"] = "<b>x</b>\r\nBcc: all@example.com {{link}} & \"q\"";
  const auto words = write_mail(MailKind::key_created, fields).value();
  EXPECT_EQ(words.html.find("<b>x</b>"), std::string::npos);
  EXPECT_NE(words.html.find("&lt;b&gt;x&lt;/b&gt;"), std::string::npos);
  EXPECT_EQ(words.subject.find('\n'), std::string::npos);
  EXPECT_EQ(words.subject.find('\r'), std::string::npos);
  EXPECT_EQ(words.text.find("\nBcc:"), std::string::npos);
  EXPECT_NE(words.text.find("{{link}}"), std::string::npos);  // taken by the letter
}

TEST(MailMessage, HasTheHeadersThatMailNeeds) {
  WrittenMail mail{.id = "mail_1",
                   .recipient = "anna@example.com",
                   .words = write_mail(MailKind::verify_email, kFields).value(),
                   .link = ""};
  const auto message = to_message(mail, {.name = "Claude Relay", .address = "relay@example.com"}, kNow);
  EXPECT_EQ(header_names(message), (std::set<std::string>{"From", "To", "Subject", "Date", "Message-ID",
                                                          "Auto-Submitted", "MIME-Version", "Content-Type"}));
  const auto head = head_of(message);
  EXPECT_NE(head.find("From: \"Claude Relay\" <relay@example.com>\r\n"), std::string::npos);
  EXPECT_NE(head.find("Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"), std::string::npos);
  EXPECT_NE(head.find("Message-ID: <mail_1@example.com>\r\n"), std::string::npos);
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 999U);
    EXPECT_TRUE(line.ends_with('\r')) << line;
    EXPECT_FALSE(line.starts_with('.'));
  }
}

TEST(MailMessage, LetsNoValueBeginAHeader) {
  WrittenMail mail{
      .id = "mail_1", .recipient = "a@example.com\r\nBcc: b@example.com", .words = {}, .link = ""};
  mail.words.subject = "one\r\nBcc: all@example.com\r\n\r\nbody";
  const auto message =
      to_message(mail, {.name = "x\"\r\nReply-To: evil@example.com", .address = "relay@example.com"}, kNow);
  const auto names = header_names(message);
  EXPECT_FALSE(names.contains("Bcc"));
  EXPECT_FALSE(names.contains("Reply-To"));
}

TEST(MailMessage, EncodesWhatIsNotAscii) {
  EXPECT_EQ(to_header_text("plain"), "plain");
  EXPECT_EQ(to_header_text("Schlüssel"), "=?UTF-8?B?U2NobMO8c3NlbA==?=");
  EXPECT_TRUE(to_header_text("=?UTF-8?B?Zm9v?=").starts_with("=?UTF-8?B?PT9V"));  // no word that was not ours
  std::string many;
  for (int i = 0; i < 60; ++i) many += "ü";
  const auto encoded = to_header_text(many);
  std::string decoded;
  std::istringstream words(encoded);
  for (std::string word; words >> word;) {
    EXPECT_LE(word.size(), 75U);
    decoded += parse_base64(word.substr(10, word.size() - 12)).value();
  }
  EXPECT_EQ(decoded, many);
}

}  // namespace mail_message_test
}  // namespace relay
