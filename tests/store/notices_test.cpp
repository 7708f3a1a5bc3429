#include "store/store_contract.h"

namespace relay::test {
namespace notices_test {

class EmailTokenStoreContract : public StoreContract {
 protected:
  EmailTokenStoreContract() { put_user("usr_1"); }

  EmailToken a_token(const std::string& hash, EmailTokenPurpose purpose = EmailTokenPurpose::reset) {
    return EmailToken{.token_hash = hash,
                      .user_id = "usr_1",
                      .purpose = purpose,
                      .email = EmailAddress::from_store("usr_1@example.com"),
                      .created_at = clock_.now(),
                      .expires_at = clock_.now() + std::chrono::hours(1)};
  }

  EmailTokenStore& tokens_ = store_->email_tokens();
};

TEST_P(EmailTokenStoreContract, LetsATokenWorkOnce) {
  const auto token = a_token("hash");
  ASSERT_TRUE(await(tokens_.insert(token)).has_value());
  EXPECT_EQ(kind_of(await(tokens_.consume("hash", EmailTokenPurpose::verify, clock_.now()))),
            ErrorKind::not_found);
  const auto used = await(tokens_.consume("hash", EmailTokenPurpose::reset, clock_.now()));
  ASSERT_TRUE(used.has_value());
  EXPECT_EQ(used->user_id, "usr_1");
  EXPECT_EQ(used->email, token.email);
  EXPECT_EQ(used->expires_at, token.expires_at);
  EXPECT_EQ(code_of(await(tokens_.consume("hash", EmailTokenPurpose::reset, clock_.now()))),
            "email_token_unknown");
}

TEST_P(EmailTokenStoreContract, RefusesALateOrReplacedToken) {
  ASSERT_TRUE(await(tokens_.insert(a_token("old"))).has_value());
  ASSERT_TRUE(await(tokens_.insert(a_token("verify", EmailTokenPurpose::verify))).has_value());
  ASSERT_TRUE(await(tokens_.insert(a_token("new"))).has_value());
  EXPECT_EQ(kind_of(await(tokens_.consume("old", EmailTokenPurpose::reset, clock_.now()))),
            ErrorKind::not_found);
  EXPECT_TRUE(await(tokens_.consume("verify", EmailTokenPurpose::verify, clock_.now())).has_value());
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(kind_of(await(tokens_.consume("new", EmailTokenPurpose::reset, clock_.now()))),
            ErrorKind::not_found);
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(await(tokens_.delete_expired(clock_.now())).value(), 2);
  auto strangers = a_token("x");
  strangers.user_id = "usr_0";
  EXPECT_EQ(code_of(await(tokens_.insert(strangers))), "user_unknown");
}

TEST_P(EmailTokenStoreContract, KeepsEveryLinkThatTakesAnAddressBack) {
  ASSERT_TRUE(await(tokens_.insert(a_token("first", EmailTokenPurpose::restore))).has_value());
  ASSERT_TRUE(await(tokens_.insert(a_token("second", EmailTokenPurpose::restore))).has_value());
  ASSERT_TRUE(await(tokens_.insert(a_token("reset"))).has_value());
  EXPECT_TRUE(await(tokens_.consume("first", EmailTokenPurpose::restore, clock_.now())).has_value());
  ASSERT_TRUE(await(tokens_.discard("usr_1", EmailTokenPurpose::restore)).has_value());
  EXPECT_EQ(kind_of(await(tokens_.consume("second", EmailTokenPurpose::restore, clock_.now()))),
            ErrorKind::not_found);
  EXPECT_TRUE(await(tokens_.consume("reset", EmailTokenPurpose::reset, clock_.now())).has_value());
}

RELAY_EVERY_STORE(EmailTokenStoreContract);

class NotificationStoreContract : public StoreContract {
 protected:
  NotificationStoreContract() { put_user("usr_1"), put_user("usr_2"); }

  void put(const std::string& id, const std::string& user_id) {
    clock_.advance(std::chrono::milliseconds(1));
    Notification notification{
        .id = id, .user_id = user_id, .kind = "test", .title = "T", .body = "B", .created_at = clock_.now()};
    ASSERT_TRUE(await(notifications_.insert(notification, std::nullopt)).has_value());
  }

  NotificationStore& notifications_ = store_->notifications();
};

TEST_P(NotificationStoreContract, ListsOnesOwnAndMarksThemRead) {
  put("ntf_1", "usr_1");
  put("ntf_2", "usr_1");
  put("ntf_3", "usr_2");
  EXPECT_EQ(kind_of(await(notifications_.mark_read("usr_2", "ntf_1", clock_.now()))), ErrorKind::not_found);
  const auto read_at = clock_.now();
  ASSERT_TRUE(await(notifications_.mark_read("usr_1", "ntf_1", read_at)).has_value());
  clock_.advance(std::chrono::seconds(1));
  ASSERT_TRUE(await(notifications_.mark_read("usr_1", "ntf_1", clock_.now())).has_value());

  const auto first = await(notifications_.list_by_user("usr_1", false, {.limit = 1})).value();
  ASSERT_EQ(first.items.size(), 1U);
  EXPECT_EQ(first.items[0].id, "ntf_2");
  EXPECT_EQ(first.items[0].title, "T");
  const auto second =
      await(notifications_.list_by_user("usr_1", false, {.cursor = first.next_cursor})).value();
  ASSERT_EQ(second.items.size(), 1U);
  EXPECT_EQ(second.items[0].read_at, read_at);
  const auto unread = await(notifications_.list_by_user("usr_1", true, {})).value();
  ASSERT_EQ(unread.items.size(), 1U);
  EXPECT_EQ(unread.items[0].id, "ntf_2");
}

TEST_P(NotificationStoreContract, TellsOneUserOfASubjectOnceAndPutsTheMailWithIt) {
  const auto told = [this](const std::string& id, const std::string& user_id, const std::string& mail_id) {
    Notification notification{.id = id, .user_id = user_id, .kind = "test", .subject = "key_1"};
    notification.created_at = clock_.now();
    OutgoingMail mail{.id = mail_id, .recipient = "a@example.com", .due_at = clock_.now()};
    return await(notifications_.insert(notification, mail));
  };
  ASSERT_TRUE(told("ntf_1", "usr_1", "mail_1").has_value());
  EXPECT_EQ(kind_of(told("ntf_2", "usr_1", "mail_2")), ErrorKind::conflict);
  ASSERT_TRUE(told("ntf_3", "usr_2", "mail_3").has_value());
  EXPECT_EQ(kind_of(told("ntf_4", "usr_0", "mail_4")), ErrorKind::not_found);
  const auto mails =
      await(store_->outbox().claim("a", clock_.now(), clock_.now() + std::chrono::minutes(1), 10)).value();
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].id, "mail_1");
  EXPECT_EQ(mails[1].id, "mail_3");
}

TEST_P(NotificationStoreContract, ListsNothingThatIsForTheMailOnly) {
  Notification notification{
      .id = "ntf_1", .user_id = "usr_1", .kind = "test", .subject = "a", .in_app = false};
  notification.created_at = clock_.now();
  ASSERT_TRUE(await(notifications_.insert(notification, std::nullopt)).has_value());
  EXPECT_TRUE(await(notifications_.list_by_user("usr_1", false, {}))->items.empty());
}

RELAY_EVERY_STORE(NotificationStoreContract);

}  // namespace notices_test
}  // namespace relay::test
