#include "store/store_contract.h"

namespace relay::test {
namespace outbox_store_test {

using namespace std::chrono_literals;

class OutboxStoreContract : public StoreContract {
 protected:
  OutgoingMail a_mail(const std::string& id) {
    clock_.advance(1ms);
    return {.id = id,
            .kind = MailKind::key_created,
            .user_id = "usr_1",
            .recipient = "one@example.com",
            .details = R"({"key_name":"k"})",
            .created_at = clock_.now(),
            .due_at = clock_.now()};
  }
  void put(const std::string& id) { ASSERT_TRUE(await(outbox_.put(a_mail(id))).has_value()); }
  std::vector<std::string> claim(const std::string& holder, int limit = 10) {
    std::vector<std::string> ids;
    const auto claimed = await(outbox_.claim(holder, clock_.now(), clock_.now() + 1min, limit)).value();
    for (const auto& mail : claimed) {
      ids.push_back(mail.id);
    }
    return ids;
  }
  using Ids = std::vector<std::string>;

  OutboxStore& outbox_ = store_->outbox();
};

TEST_P(OutboxStoreContract, GivesAMailBackAsItWasPut) {
  const auto mail = a_mail("mail_1");
  ASSERT_TRUE(await(outbox_.put(mail)).has_value());
  EXPECT_EQ(kind_of(await(outbox_.put(mail))), ErrorKind::conflict);
  const auto claimed = await(outbox_.claim("a", clock_.now(), clock_.now() + 1min, 10)).value();
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].id, mail.id);
  EXPECT_EQ(claimed[0].kind, mail.kind);
  EXPECT_EQ(claimed[0].user_id, mail.user_id);
  EXPECT_EQ(claimed[0].recipient, mail.recipient);
  EXPECT_EQ(claimed[0].details, mail.details);
  EXPECT_EQ(claimed[0].created_at, mail.created_at);
  EXPECT_EQ(claimed[0].attempts, 1);
}

TEST_P(OutboxStoreContract, LetsOneHolderHaveAMailUntilItsLeaseEnds) {
  put("mail_1");
  put("mail_2");
  put("mail_3");
  EXPECT_EQ(claim("a", 2), (Ids{"mail_1", "mail_2"}));
  EXPECT_EQ(claim("b"), Ids{"mail_3"});
  EXPECT_EQ(claim("c"), Ids{});
  EXPECT_EQ(code_of(await(outbox_.finish("mail_1", "b"))), "mail_not_held");
  EXPECT_TRUE(await(outbox_.finish("mail_1", "a")).has_value());
  EXPECT_EQ(code_of(await(outbox_.finish("mail_1", "a"))), "mail_not_held");

  clock_.advance(1min);
  EXPECT_EQ(claim("c"), (Ids{"mail_2", "mail_3"}));  // its node died
  EXPECT_EQ(code_of(await(outbox_.finish("mail_2", "a"))), "mail_not_held");
}

TEST_P(OutboxStoreContract, WaitsUntilARetryIsDue) {
  put("mail_1");
  EXPECT_EQ(claim("a"), Ids{"mail_1"});
  const auto due = clock_.now() + 10s;
  EXPECT_EQ(code_of(await(outbox_.retry("mail_1", "b", due, "451"))), "mail_not_held");
  ASSERT_TRUE(await(outbox_.retry("mail_1", "a", due, "451")).has_value());
  EXPECT_EQ(await(outbox_.next_due()).value(), due);
  clock_.advance(9'999ms);
  EXPECT_EQ(claim("a"), Ids{});
  clock_.advance(1ms);
  const auto again = await(outbox_.claim("b", clock_.now(), clock_.now() + 1min, 10)).value();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].attempts, 2);
}

TEST_P(OutboxStoreContract, ForgetsWhomAGivenUpMailWasFor) {
  put("mail_1");
  put("mail_2");
  EXPECT_EQ(claim("a", 1), Ids{"mail_1"});
  ASSERT_TRUE(await(outbox_.give_up("mail_1", "a", clock_.now(), "550 no such user")).has_value());
  clock_.advance(24h);
  EXPECT_EQ(claim("a"), Ids{"mail_2"});
  EXPECT_EQ(await(outbox_.delete_given_up(clock_.now())).value(), 1);
  EXPECT_EQ(await(outbox_.delete_given_up(clock_.now())).value(), 0);
}

TEST_P(OutboxStoreContract, TellsWhenTheNextIsDue) {
  EXPECT_GT(await(outbox_.next_due()).value(), clock_.now() + 24h * 365 * 100);
  put("mail_1");
  EXPECT_EQ(await(outbox_.next_due()).value(), clock_.now());
  claim("a");
  EXPECT_EQ(await(outbox_.next_due()).value(), clock_.now() + 1min);  // when the lease ends
}

TEST_P(OutboxStoreContract, IsForgottenWithItsUser) {
  put_user("usr_1");
  put("mail_1");
  ASSERT_TRUE(await(store_->users().erase("usr_1", clock_.now())).has_value());
  EXPECT_EQ(claim("a"), Ids{});
}

RELAY_EVERY_STORE(OutboxStoreContract);

class KnownDeviceStoreContract : public StoreContract {
 protected:
  KnownDeviceStoreContract() { put_user("usr_1"), put_user("usr_2"); }
  DeviceSeen see(const std::string& user_id, const std::string& fingerprint) {
    clock_.advance(1s);
    return await(devices_.remember(user_id, fingerprint, clock_.now())).value();
  }
  KnownDeviceStore& devices_ = store_->devices();
};

TEST_P(KnownDeviceStoreContract, KnowsWhatItSaw) {
  EXPECT_EQ(see("usr_1", "a"), DeviceSeen::first);
  EXPECT_EQ(see("usr_1", "a"), DeviceSeen::known);
  EXPECT_EQ(see("usr_1", "b"), DeviceSeen::new_one);
  EXPECT_EQ(see("usr_1", "b"), DeviceSeen::known);
  EXPECT_EQ(see("usr_2", "a"), DeviceSeen::first);
  EXPECT_EQ(code_of(await(devices_.remember("usr_0", "a", clock_.now()))), "user_unknown");
}

TEST_P(KnownDeviceStoreContract, ForgetsTheOneSeenLongestAgo) {
  for (int i = 0; i < 101; ++i) see("usr_1", std::to_string(i));
  EXPECT_EQ(see("usr_1", "1"), DeviceSeen::known);
  EXPECT_EQ(see("usr_1", "0"), DeviceSeen::new_one);
  EXPECT_EQ(await(devices_.delete_unseen(clock_.now())).value(), 99);
  EXPECT_EQ(see("usr_1", "0"), DeviceSeen::known);
}

RELAY_EVERY_STORE(KnownDeviceStoreContract);

}  // namespace outbox_store_test
}  // namespace relay::test
