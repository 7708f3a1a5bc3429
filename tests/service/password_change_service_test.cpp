#include "service/password_change_service.h"

#include "service/services_under_test.h"

namespace relay::test {
namespace password_change_service_test {

using namespace std::chrono_literals;

class PasswordChangeServiceTest : public ServicesUnderTest, public testing::Test {
 protected:
  PasswordChangeServiceTest() : anna_(a_user("anna")) { arrived(); }

  std::string forgot(const std::string& email, Device device = here()) {
    return refusal(await(password_changes.forgot(email, std::move(device))));
  }
  std::string reset(const std::string& token, PasswordFields fields) {
    return refusal(await(password_changes.reset(token, std::move(fields), here())));
  }
  std::string change(PasswordFields fields, const std::string& session_id = "ses_this") {
    return refusal(await(password_changes.change(anna_.user.id, session_id, std::move(fields), here())));
  }
  static PasswordFields from(const std::string& current, const std::string& password) {
    auto fields = plain(password);
    fields.plain_current = current;
    return fields;
  }
  static std::string token_in(const WrittenMail& mail) {
    return mail.link.substr(mail.link.find("token=") + 6);
  }
  std::string a_token() {
    EXPECT_EQ(forgot("anna@example.com"), "passed");
    return token_in(with_link(arrived(), "/reset-password"));
  }
  bool works(const std::string& password) {
    const auto user = await(store->users().find(anna_.user.id)).value();
    return await(passwords.verify(password, user.password_hash)).value();
  }

  static constexpr const char* kNext = "a better one than before";
  SignedInUser anna_;
};

TEST_F(PasswordChangeServiceTest, SetsAForgottenPasswordOnceAndEndsEverySession) {
  const auto token = a_token();
  EXPECT_EQ(reset(token, plain("short")), "password_too_short");
  EXPECT_EQ(reset(token, plain(kNext)), "passed");
  EXPECT_TRUE(works(kNext));
  EXPECT_TRUE(await(sessions.authenticate(anna_.tokens.access_token)).has_error());
  EXPECT_TRUE(await(store->users().find(anna_.user.id))->email_verified);
  EXPECT_EQ(reset(token, plain("yet another one")), "reset_token_invalid");
  EXPECT_TRUE(works(kNext));
  const auto mails = arrived();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].words.subject, "Your password was changed");
}

TEST_F(PasswordChangeServiceTest, KnowsALinkForAnHour) {
  const auto token = a_token();
  clock.advance(1h);
  EXPECT_EQ(reset(token, plain(kNext)), "reset_token_invalid");
  EXPECT_EQ(reset("", plain(kNext)), "fields_required");
  EXPECT_EQ(reset(std::string(100'000, 'a'), plain(kNext)), "reset_token_invalid");
}

TEST_F(PasswordChangeServiceTest, TakesBothFormsAndOneNonceForAll) {
  auto fields = encrypted(kNext);
  fields.encrypted_current = encrypt(kPassword);
  EXPECT_EQ(change(fields), "passed");
  EXPECT_TRUE(works(kNext));
  EXPECT_EQ(change(fields), "nonce_invalid");
  const auto token = a_token();
  EXPECT_EQ(reset(token, encrypted(kPassword)), "passed");
  EXPECT_TRUE(works(kPassword));
}

TEST_F(PasswordChangeServiceTest, SendsTheSameNothingToStrangers) {
  EXPECT_EQ(forgot("nobody@example.com"), "passed");
  EXPECT_TRUE(arrived().empty());
  EXPECT_EQ(forgot("no address"), "email_invalid");
  EXPECT_EQ(forgot(""), "fields_required");
}

TEST_F(PasswordChangeServiceTest, LetsNobodyFloodAMailbox) {
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(forgot("anna@example.com", away("192.0.2." + std::to_string(i))), "passed");
  EXPECT_EQ(arrived().size(), 3U);
}

TEST_F(PasswordChangeServiceTest, ClosesEveryOtherWayInOfAnAddressThatNobodyHadProved) {
  const Identity foreign{.id = "idn_1",
                         .user_id = anna_.user.id,
                         .provider = "github",
                         .issuer = "https://github.com",
                         .subject = "1",
                         .email = "squatter@example.com",
                         .created_at = clock.now(),
                         .last_used_at = clock.now()};
  ASSERT_TRUE(await(store->identities().insert(foreign)).has_value());
  EXPECT_EQ(reset(a_token(), plain(kNext)), "passed");
  EXPECT_TRUE(await(store->identities().list(anna_.user.id))->empty());
  arrived();
  ASSERT_TRUE(await(store->identities().insert(foreign)).has_value());
  EXPECT_EQ(reset(a_token(), plain(kPassword)), "passed");  // proved by now: what leads in is the owner's
  EXPECT_EQ(await(store->identities().list(anna_.user.id))->size(), 1U);
}

TEST_F(PasswordChangeServiceTest, LetsTheOwnerInWhateverStrangersDo) {
  const auto login = [this](const std::string& address, const std::string& password) {
    return refusal(await(auth.login("anna@example.com", plain(password), away(address))));
  };
  const auto strangers = [&] {
    for (int i = 0; i < 70; ++i) (void)login("192.0.2." + std::to_string(i), "a wrong guess");
  };
  strangers();
  EXPECT_EQ(login("203.0.113.1", kPassword), "too_many_attempts");
  const auto token = a_token();
  EXPECT_EQ(refusal(await(password_changes.reset(token, plain(kNext), away("203.0.113.1")))), "passed");
  clock.advance(1h);
  strangers();
  EXPECT_EQ(login("203.0.113.2", kNext), "too_many_attempts");
  EXPECT_EQ(login("203.0.113.1", kNext), "passed");
}

TEST_F(PasswordChangeServiceTest, ChangesWithTheCurrentOneAndEndsTheOtherSessions) {
  const auto other = await(sessions.open(anna_.user, here())).value();
  const auto own = await(sessions.authenticate(anna_.tokens.access_token)).value().session_id;
  EXPECT_EQ(change(from("not this one", kNext), own), "invalid_credentials");
  EXPECT_EQ(change(plain(kNext), own), "fields_required");
  EXPECT_TRUE(await(sessions.authenticate(other.access_token)).has_value());
  EXPECT_EQ(change(from(kPassword, kNext), own), "passed");
  EXPECT_TRUE(works(kNext));
  EXPECT_TRUE(await(sessions.authenticate(other.access_token)).has_error());
  EXPECT_TRUE(await(sessions.authenticate(anna_.tokens.access_token)).has_value());
}

TEST_F(PasswordChangeServiceTest, NamesTheNewPasswordsField) {
  const auto refused =
      await(password_changes.change(anna_.user.id, "ses_this", from(kPassword, "short"), here()));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().fields().at(0).field, "newPassword");
}

TEST_F(PasswordChangeServiceTest, KillsLinksThatWereSentBefore) {
  const auto token = a_token();
  EXPECT_EQ(change(from(kPassword, kNext)), "passed");
  EXPECT_EQ(reset(token, plain("yet another one")), "reset_token_invalid");
}

}  // namespace password_change_service_test
}  // namespace relay::test
