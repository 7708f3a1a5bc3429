// What the services write down of what people do, beside the tests of each act.
#include "crypto/totp.h"
#include "service/services_under_test.h"

namespace relay {
namespace audited_acts_test {

using namespace std::chrono_literals;
using test::await;
using test::refusal;

class AuditedActsTest : public testing::Test, protected test::ServicesUnderTest {
 protected:
  /// "action outcome actor", newest first.
  std::vector<std::string> acts_of(const std::string& user_id) {
    std::vector<std::string> acts;
    const auto entries = entries_of(user_id);
    for (const auto& entry : entries) {
      acts.push_back(entry.action + " " + std::string(to_string(entry.outcome)) + " " +
                     std::string(to_string(entry.actor_kind)));
    }
    return acts;
  }
  std::vector<AuditEntry> entries_of(const std::string& user_id) {
    return await(audit.list_own(user_id, {})).value().items;
  }

  /// Of the newest ones only.
  std::vector<std::string> newest_of(const std::string& user_id, std::size_t count) {
    auto acts = acts_of(user_id);
    acts.resize(std::min(acts.size(), count));
    return acts;
  }
  std::string code(std::int64_t around) {
    const auto sealed = await(store->two_factors().find(ada_.user.id)).value().sealed_secret;
    const auto secret = box.open(sealed, "totp secret").value();
    return totp_code(secret, totp_step_of(clock.now()) + around).value();
  }
  std::vector<std::string> turn_on_two_factor() {
    EXPECT_TRUE(await(two_factors.set_up(ada_.user.id)).has_value());
    return await(two_factors.confirm(ada_.user.id, code(-1), here())).value();
  }
  std::string second_factor(const std::string& with_code) {
    const auto outcome = await(auth.login("ada@example.com", plain(kPassword), here())).value();
    SecondFactorFields fields;
    fields.code = with_code;
    const auto ticket = std::get<TwoFactorChallenge>(outcome).ticket;
    return refusal(await(auth.sign_in_with_second_factor(ticket, fields, here())));
  }

  SignedInUser ada_ = a_user("ada");
};

TEST_F(AuditedActsTest, ASignInIsWrittenDownWhetherItGoesThroughOrNot) {
  ASSERT_EQ(refusal(await(auth.login("ada@example.com", plain(kPassword), here()))), "passed");
  ASSERT_EQ(refusal(await(auth.login("ada@example.com", plain("wrong"), away("203.0.113.9")))),
            "invalid_credentials");
  const std::vector<std::string> expected{"auth.login failure nobody", "auth.login success user",
                                          "auth.register success user"};
  EXPECT_EQ(acts_of(ada_.user.id), expected);
  EXPECT_EQ(entries_of(ada_.user.id)[0].address, "203.0.113.9");
}

TEST_F(AuditedActsTest, ARefusedStrangerIsNobodysAndNotNamed) {
  ASSERT_EQ(refusal(await(auth.login("eve@example.com", plain("wrong"), here()))), "invalid_credentials");
  AuditFilter failures;
  failures.outcome = AuditOutcome::failure;
  const auto found = await(audit.list(failures, {})).value().items;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].user_id, "");
  EXPECT_EQ(found[0].details, R"({"reason":"credentials"})");
}

TEST_F(AuditedActsTest, AStolenRefreshTokenIsWrittenDownByItsSession) {
  const auto next = await(sessions.refresh(ada_.tokens.refresh_token, here())).value();
  clock.advance(11s);
  ASSERT_EQ(refusal(await(sessions.refresh(ada_.tokens.refresh_token, away("203.0.113.9")))),
            "refresh_token_reused");
  const auto newest = entries_of(ada_.user.id)[0];
  EXPECT_EQ(newest.action, audit_action::kRefreshReused);
  EXPECT_EQ(newest.outcome, AuditOutcome::failure);
  EXPECT_EQ(newest.actor_kind, AuditActor::nobody);
  EXPECT_EQ(newest.address, "203.0.113.9");
  EXPECT_EQ(newest.target.substr(0, 4), "ses_");
}

TEST_F(AuditedActsTest, LeavingAndSigningOthersOutAreTwoThings) {
  const auto who = await(sessions.authenticate(ada_.tokens.access_token)).value();
  const auto other = await(sessions.open(ada_.user, here())).value();
  const auto session = await(sessions.authenticate(other.access_token)).value().session_id;
  ASSERT_TRUE(await(sessions.remove(as(ada_.user.id), session)).has_value());
  ASSERT_TRUE(await(sessions.sign_out(as(ada_.user.id), who.session_id)).has_value());
  ASSERT_TRUE(await(sessions.sign_out_everywhere(as(ada_.user.id))).has_value());
  const std::vector<std::string> expected{"auth.logout success user", "auth.logout success user",
                                          "auth.session_removed success user", "auth.register success user"};
  EXPECT_EQ(acts_of(ada_.user.id), expected);
  EXPECT_EQ(entries_of(ada_.user.id)[2].target, session);
  EXPECT_EQ(refusal(await(sessions.remove(as("usr_other"), session))), "session_unknown");
}

TEST_F(AuditedActsTest, WhichFieldsOfAProfileChangedIsWrittenDownNotWhatIsInThem) {
  ASSERT_TRUE(await(profiles.update(ada_.user.id, {.display_name = "Ada L."}, here())).has_value());
  ASSERT_TRUE(await(profiles.update(ada_.user.id, {.email = "ada@example.org"}, here())).has_value());
  const auto entries = entries_of(ada_.user.id);
  EXPECT_EQ(entries[0].action, audit_action::kEmailChanged);
  EXPECT_EQ(entries[0].details, R"({"changed":"email"})");
  EXPECT_EQ(entries[1].action, audit_action::kProfileUpdated);
  EXPECT_EQ(entries[1].details, R"({"changed":"displayName"})");
}

TEST_F(AuditedActsTest, AWrongPasswordDoesNotDeleteAnAccountAndIsWrittenDown) {
  ASSERT_EQ(refusal(await(accounts.erase(as(ada_.user.id), plain("wrong")))), "invalid_credentials");
  EXPECT_EQ(acts_of(ada_.user.id)[0], "user.deleted failure user");
  ASSERT_TRUE(await(accounts.erase(as(ada_.user.id), encrypted(kPassword))).has_value());
  EXPECT_EQ(acts_of(ada_.user.id)[0], "user.deleted success user");
  EXPECT_EQ(await(store->users().find(ada_.user.id)).value().status, UserStatus::deleted);
}

TEST_F(AuditedActsTest, AnExportIsWrittenDown) {
  ASSERT_TRUE(await(accounts.export_all(as(ada_.user.id), std::nullopt)).has_value());
  EXPECT_EQ(acts_of(ada_.user.id)[0], "user.exported success user");
}

TEST_F(AuditedActsTest, TheSecondFactorIsWrittenDownFromItsBeginningToItsEnd) {
  const auto recovery = turn_on_two_factor();
  EXPECT_EQ(second_factor("000000"), "code_invalid");
  EXPECT_EQ(second_factor(code(0)), "passed");
  EXPECT_EQ(entries_of(ada_.user.id)[0].details, R"({"by":"second_factor"})");
  EXPECT_EQ(second_factor(recovery[0]), "passed");
  OwnerProof wrong, right;
  wrong.password.plain = "wrong";
  right.password.plain = kPassword;
  ASSERT_TRUE(await(two_factors.renew_recovery_codes(ada_.user.id, right, here())).has_value());
  EXPECT_EQ(refusal(await(two_factors.turn_off(ada_.user.id, wrong, here()))), "invalid_credentials");
  ASSERT_TRUE(await(two_factors.turn_off(ada_.user.id, right, here())).has_value());
  const std::vector<std::string> expected{
      "auth.mfa_disabled success user",           "auth.mfa_disabled failure user",
      "auth.recovery_codes_renewed success user", "auth.login success user",
      "auth.recovery_code_used success user",     "auth.login success user",
      "auth.mfa_challenge failure nobody",        "auth.mfa_enabled success user"};
  EXPECT_EQ(newest_of(ada_.user.id, expected.size()), expected);
}

TEST_F(AuditedActsTest, PasswordsThatAreChangedAskedForAndSetAnewAreWrittenDown) {
  const auto change = [&](const std::string& current) {
    auto fields = plain("a better one than before");
    fields.plain_current = current;
    return refusal(await(password_changes.change(ada_.user.id, "ses_this", fields, here())));
  };
  EXPECT_EQ(change("wrong"), "invalid_credentials");
  EXPECT_EQ(change(kPassword), "passed");
  arrived();
  ASSERT_EQ(refusal(await(password_changes.forgot("ada@example.com", here()))), "passed");
  const auto link = arrived().at(0).link;
  const auto token = link.substr(link.find("token=") + 6);
  ASSERT_EQ(refusal(await(password_changes.reset(token, plain("yet another one"), here()))), "passed");
  const std::vector<std::string> expected{
      "auth.password_reset success user", "auth.password_reset_requested success nobody",
      "auth.password_changed success user", "auth.password_changed failure user"};
  EXPECT_EQ(newest_of(ada_.user.id, expected.size()), expected);

  ASSERT_EQ(refusal(await(password_changes.forgot("eve@example.com", here()))), "passed");
  EXPECT_EQ(refusal(await(password_changes.reset("nonsense", plain("yet another one"), here()))),
            "reset_token_invalid");
  AuditFilter filter;
  filter.action = "auth.password_reset";
  const auto all = await(audit.list(filter, {})).value().items;
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].outcome, AuditOutcome::failure);
  EXPECT_EQ(all[1].user_id, "");
}

TEST_F(AuditedActsTest, AnAdminTurnsTheSecondFactorOffAndSessionsEnd) {
  turn_on_two_factor();
  const auto boss = a_user("boss").user.id;
  ASSERT_TRUE(await(admin.turn_off_two_factor(as(boss), ada_.user.id)).has_value());
  EXPECT_EQ(acts_of(ada_.user.id)[0], "auth.mfa_disabled success admin");
  EXPECT_EQ(refusal(await(sessions.authenticate(ada_.tokens.access_token))), "session_ended");
  EXPECT_TRUE(std::holds_alternative<SignedInUser>(
      await(auth.login("ada@example.com", plain(kPassword), here())).value()));
}

}  // namespace audited_acts_test
}  // namespace relay
