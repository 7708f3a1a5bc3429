#include "service/email_service.h"

#include "service/services_under_test.h"

namespace relay::test {
namespace email_service_test {

using namespace std::chrono_literals;

class EmailServiceTest : public ServicesUnderTest, public testing::Test {
 protected:
  static std::string token_in(const WrittenMail& mail) {
    return mail.link.substr(mail.link.find("token=") + 6);
  }
  User find(const std::string& id) { return await(store->users().find(id)).value(); }
  std::string verify(const std::string& token) { return refusal(await(emails.verify(token, here()))); }
  std::string restore(const std::string& token) { return refusal(await(emails.restore(token, here()))); }
  void move(const std::string& user_id, const std::string& email) {
    ProfileChanges changes;
    changes.email = email;
    ASSERT_TRUE(await(profiles.update(user_id, changes, here())).has_value());
  }
};

TEST_F(EmailServiceTest, VerifiesOnceWithinADay) {
  const auto user = a_user("anna").user;
  const auto token = token_in(arrived().at(0));
  clock.advance(24h - 1ms);
  EXPECT_EQ(verify(token), "passed");
  EXPECT_TRUE(find(user.id).email_verified);
  EXPECT_EQ(verify(token), "email_token_invalid");
  a_user("berta");
  const auto late = token_in(arrived().at(0));
  clock.advance(24h);
  EXPECT_EQ(verify(late), "email_token_invalid");
  EXPECT_EQ(verify(""), "token_required");
  EXPECT_EQ(verify(std::string(100'000, 'a')), "email_token_invalid");
}

TEST_F(EmailServiceTest, VerifiesNoAddressButTheOneTheLinkWentTo) {
  const auto user = a_user("anna").user;
  const auto token = token_in(arrived().at(0));
  UserChanges changes;
  changes.email = EmailAddress::parse("other@example.com").value();
  ASSERT_TRUE(await(store->users().update(user.id, changes, clock.now())).has_value());
  EXPECT_EQ(verify(token), "email_token_invalid");
  EXPECT_FALSE(find(user.id).email_verified);
}

TEST_F(EmailServiceTest, ResendsAFewTimesToOneAddressAndToNoStranger) {
  a_user("anna");
  EXPECT_EQ(arrived().size(), 1U);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(refusal(await(emails.resend("anna@example.com", away("192.0.2." + std::to_string(i))))),
              "passed");
    EXPECT_EQ(refusal(await(emails.resend("nobody@example.com", away("192.0.2." + std::to_string(i))))),
              "passed");
  }
  EXPECT_EQ(arrived().size(), 3U);
  clock.advance(15min);
  EXPECT_EQ(refusal(await(emails.resend("Anna@example.com ", here()))), "passed");
  EXPECT_EQ(arrived().size(), 1U);
  EXPECT_EQ(refusal(await(emails.resend("no address", here()))), "email_invalid");
}

TEST_F(EmailServiceTest, TakesAChangedAddressBackHoweverOftenItWasChanged) {
  const auto owner = a_user("anna");
  arrived();
  move(owner.user.id, "thief@example.com");
  const auto mails = arrived();
  ASSERT_EQ(mails.size(), 2U);
  const auto of_owner = token_in(with_link(mails, "/restore-email"));
  move(owner.user.id, "thief2@example.com");
  const auto more = arrived();
  const auto of_thief = token_in(with_link(more, "/restore-email"));

  EXPECT_EQ(restore(of_owner), "passed");
  EXPECT_EQ(find(owner.user.id).email.text(), "anna@example.com");
  EXPECT_TRUE(find(owner.user.id).email_verified);
  EXPECT_TRUE(await(sessions.authenticate(owner.tokens.access_token)).has_error());
  EXPECT_EQ(await(auth.login("anna@example.com", plain(kPassword), here())).error().code(),
            "invalid_credentials");  // the thief may have set it
  EXPECT_EQ(restore(of_thief), "email_token_invalid");
  EXPECT_EQ(verify(token_in(with_link(more, "/verify-email"))), "email_token_invalid");
}

}  // namespace email_service_test
}  // namespace relay::test
