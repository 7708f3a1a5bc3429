#include "delivery/outbox.h"

#include "crypto/sha256.h"
#include "service/services_under_test.h"

#include <functional>
#include <set>
#include <thread>

namespace relay::test {
namespace outbox_test {

using namespace std::chrono_literals;

Error try_later() {
  return Error(ErrorKind::unavailable, "mail_not_sent", "not sent").because("451 try later");
}

std::string token_in(const WrittenMail& mail) { return mail.link.substr(mail.link.find("token=") + 6); }

class OutboxTest : public ServicesUnderTest, public testing::Test {
 protected:
  OutboxTest() { mail_writer.set_public_url("https://relay.example.com"); }
  void ask_for(MailKind kind, const std::string& recipient) {
    auto mail = outbox.make(kind, "", recipient);
    ASSERT_TRUE(await(outbox.put(std::move(mail))).has_value());
  }
};

TEST_F(OutboxTest, SendsAVerificationAfterARegistration) {
  const auto user = a_user("anna").user;
  const auto mails = arrived();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].recipient, "anna@example.com");
  EXPECT_TRUE(mails[0].link.starts_with("https://relay.example.com/verify-email?token="));
  EXPECT_NE(mails[0].words.text.find(mails[0].link), std::string::npos);
  const auto token = await(
      store->email_tokens().consume(sha256_hex(token_in(mails[0])), EmailTokenPurpose::verify, clock.now()));
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->user_id, user.id);
  EXPECT_TRUE(arrived().empty());
}

TEST_F(OutboxTest, WritesNothingToStrangersAndToTheVerified) {
  ask_for(MailKind::reset_password, "nobody@example.com");
  ask_for(MailKind::verify_email, "nobody@example.com");
  EXPECT_TRUE(arrived().empty());
  EXPECT_EQ(mailbox.tries(), 0);

  const auto user = a_user("anna").user;
  UserChanges changes;
  changes.email_verified = true;
  ASSERT_TRUE(await(store->users().update(user.id, changes, clock.now())).has_value());
  ask_for(MailKind::verify_email, "anna@example.com");
  EXPECT_TRUE(arrived().empty());
  changes.status = UserStatus::suspended;
  ASSERT_TRUE(await(store->users().update(user.id, changes, clock.now())).has_value());
  ask_for(MailKind::reset_password, "anna@example.com");
  EXPECT_TRUE(arrived().empty());
}

TEST_F(OutboxTest, TriesAgainAndTheLastLinkIsTheOneThatWorks) {
  a_user("anna");
  arrived();
  ask_for(MailKind::reset_password, "anna@example.com");
  mailbox.fail_next(try_later());
  mailbox.fail_next(try_later());
  EXPECT_TRUE(arrived().empty());
  EXPECT_TRUE(arrived().empty());  // not due yet
  EXPECT_EQ(mailbox.tries(), 2);
  clock.advance(1s);
  EXPECT_TRUE(arrived().empty());
  clock.advance(2s);
  const auto mails = arrived();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_TRUE(await(store->email_tokens().consume(sha256_hex(token_in(mails[0])), EmailTokenPurpose::reset,
                                                  clock.now()))
                  .has_value());
  clock.advance(24h);
  EXPECT_TRUE(arrived().empty());
}

TEST_F(OutboxTest, GivesUpWhatTheServerWillNeverTake) {
  a_user("anna");
  mailbox.fail_next(Error(ErrorKind::validation, "mail_refused", "refused").because("550 no such user"));
  EXPECT_TRUE(arrived().empty());
  clock.advance(24h * 30);
  EXPECT_TRUE(arrived().empty());
  EXPECT_EQ(mailbox.tries(), 1);
  EXPECT_EQ(await(store->outbox().delete_given_up(clock.now())).value(), 1);
}

TEST_F(OutboxTest, GivesUpWhenItHasTriedForADay) {
  a_user("anna");
  for (int i = 0; i < 34; ++i) mailbox.fail_next(try_later());
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(arrived().empty());
    clock.advance(1h);
  }
  EXPECT_EQ(mailbox.tries(), 34);
  EXPECT_EQ(await(store->outbox().delete_given_up(clock.now())).value(), 1);
}

TEST_F(OutboxTest, SendsNoCopyFromSeveralNodes) {
  for (int i = 0; i < 20; ++i) a_user("user" + std::to_string(i));
  Outbox other({.store = store->outbox(),
                .writer = mail_writer,
                .transport = mailbox,
                .clock = clock,
                .random = random});
  const auto send_all = [](Outbox& node) {
    while (node.send_due().value() > 0) {
    }
  };
  std::thread second(send_all, std::ref(other));
  send_all(outbox);
  second.join();
  std::set<std::string> ids;
  for (const auto& mail : mailbox.mails()) ids.insert(mail.id);
  EXPECT_EQ(mailbox.mails().size(), 20U);
  EXPECT_EQ(ids.size(), 20U);
}

TEST_F(OutboxTest, ItsThreadSendsWhatIsPutAndEndsWhenTold) {
  outbox.start();
  a_user("anna");
  EXPECT_TRUE(mailbox.wait_for(1));
  outbox.stop();
  EXPECT_EQ(mailbox.mails().size(), 1U);
}

}  // namespace outbox_test
}  // namespace relay::test
