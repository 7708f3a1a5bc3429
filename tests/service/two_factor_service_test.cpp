#include "crypto/totp.h"
#include "service/services_under_test.h"

namespace relay {
namespace two_factor_service_test {

using namespace std::chrono_literals;
using test::await;
using test::refusal;

class TwoFactorServiceTest : public testing::Test, protected test::ServicesUnderTest {
 protected:
  TwoFactorServiceTest() { user_ = a_user("ada").user.id; }

  std::string raw_secret() {
    return box.open(await(store->two_factors().find(user_))->sealed_secret, "totp secret").value();
  }
  /// Of a step beside the present one: each works once, so that a test need not move the clock.
  std::string code(std::int64_t around = 0) {
    return totp_code(raw_secret(), totp_step_of(clock.now()) + around).value();
  }
  std::vector<std::string> turn_on() {
    EXPECT_TRUE(await(two_factors.set_up(user_)).has_value());
    return await(two_factors.confirm(user_, code(-1), here())).value();
  }
  Result<SignInOutcome> login(Device device = here()) {
    return await(auth.login("ada@example.com", plain(kPassword), std::move(device)));
  }
  std::string ticket() { return std::get<TwoFactorChallenge>(login().value()).ticket; }
  Result<SignedInUser> verify(const std::string& with_ticket, const std::string& with_code,
                              Device device = here()) {
    SecondFactorFields fields;
    fields.code = with_code;
    return await(auth.sign_in_with_second_factor(with_ticket, fields, std::move(device)));
  }
  static OwnerProof by_code(const std::string& text) {
    OwnerProof proof;
    proof.second_factor.code = text;
    return proof;
  }
  static OwnerProof by_password(const std::string& text) {
    OwnerProof proof;
    proof.password.plain = text;
    return proof;
  }

  std::string user_;
};

TEST_F(TwoFactorServiceTest, AsksForNothingUntilItWasConfirmed) {
  const auto secret = await(two_factors.set_up(user_)).value();
  EXPECT_EQ(secret.base32.size(), 32U);
  EXPECT_NE(secret.uri.find("ada%40example.com?secret=" + secret.base32), std::string::npos);
  EXPECT_TRUE(std::holds_alternative<SignedInUser>(login().value()));
  EXPECT_FALSE(await(two_factors.state(user_))->on);
  EXPECT_EQ(refusal(await(two_factors.confirm(user_, "000000", here()))), "code_invalid");
}

TEST_F(TwoFactorServiceTest, SealsTheSecretAndHashesTheCodes) {
  const auto codes = turn_on();
  ASSERT_EQ(codes.size(), 10U);
  EXPECT_EQ(codes.front().size(), 19U);
  const auto kept = await(store->two_factors().find(user_)).value();
  EXPECT_TRUE(kept.sealed_secret.starts_with("v1."));
  const auto state = await(two_factors.state(user_)).value();
  EXPECT_TRUE(state.on);
  EXPECT_EQ(state.confirmed_at, clock.now());
  EXPECT_EQ(state.recovery_codes_left, 10);
  EXPECT_EQ(refusal(await(two_factors.set_up(user_))), "two_factor_on");
}

TEST_F(TwoFactorServiceTest, SignsInWithATicketAndACode) {
  turn_on();
  const auto outcome = login().value();
  ASSERT_TRUE(std::holds_alternative<TwoFactorChallenge>(outcome));
  const auto& challenge = std::get<TwoFactorChallenge>(outcome);
  EXPECT_EQ(challenge.expires_at, clock.now() + 5min);
  const auto in = verify(challenge.ticket, code());
  ASSERT_TRUE(in.has_value()) << in.error().message();
  EXPECT_EQ(await(sessions.authenticate(in->tokens.access_token))->user_id, user_);
  EXPECT_EQ(refusal(verify(challenge.ticket, code(1))), "ticket_invalid");  // one use
}

TEST_F(TwoFactorServiceTest, TellsOfANewDeviceOnceBothFactorsWereRight) {
  turn_on();
  const auto told = [this] {
    std::size_t count = 0;
    const auto page = await(notifications.list(user_, false, {}));
    for (const auto& each : page->items) {
      if (each.kind == "new_sign_in") ++count;
    }
    return count;
  };
  const auto outcome = login(away("203.0.113.9")).value();
  EXPECT_EQ(told(), 0U);
  const auto& challenge = std::get<TwoFactorChallenge>(outcome);
  EXPECT_EQ(refusal(verify(challenge.ticket, code(), away("203.0.113.9"))), "passed");
  EXPECT_EQ(told(), 1U);
}

TEST_F(TwoFactorServiceTest, TakesNoCodeTwice) {
  turn_on();
  EXPECT_EQ(refusal(verify(ticket(), code(-1))), "code_invalid");  // confirmed with it
  EXPECT_EQ(refusal(verify(ticket(), code(0))), "passed");
  EXPECT_EQ(refusal(verify(ticket(), code(0))), "code_invalid");
  EXPECT_EQ(refusal(verify(ticket(), code(1))), "passed");
  EXPECT_EQ(refusal(verify(ticket(), code(0))), "code_invalid");
}

TEST_F(TwoFactorServiceTest, TicketsEndAfterFiveMinutes) {
  turn_on();
  const auto late = ticket();
  clock.advance(5min);
  EXPECT_EQ(refusal(verify(late, code())), "ticket_invalid");
  EXPECT_EQ(refusal(verify("mft_made_up", code())), "ticket_invalid");
  EXPECT_EQ(refusal(verify("", "")), "fields_required");
}

TEST_F(TwoFactorServiceTest, TicketsDieOfFiveWrongCodes) {
  turn_on();
  const auto tried = ticket();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(refusal(verify(tried, "000000")), "code_invalid");
  EXPECT_EQ(refusal(verify(tried, code())), "ticket_invalid");
  EXPECT_EQ(refusal(verify(ticket(), code())), "passed");
}

TEST_F(TwoFactorServiceTest, TakesEachRecoveryCodeOnceInAnySpelling) {
  const auto codes = turn_on();
  EXPECT_EQ(refusal(verify(ticket(), codes[0])), "passed");
  EXPECT_EQ(refusal(verify(ticket(), codes[0])), "code_invalid");
  std::string spaced;
  for (const char c : codes[1]) spaced += c == '-' ? ' ' : static_cast<char>(std::toupper(c));
  EXPECT_EQ(refusal(verify(ticket(), spaced)), "passed");
  EXPECT_EQ(await(two_factors.state(user_))->recovery_codes_left, 8);

  const auto renewed = await(two_factors.renew_recovery_codes(user_, by_code(codes[2]), here())).value();
  EXPECT_EQ(refusal(verify(ticket(), codes[3])), "code_invalid");
  EXPECT_EQ(refusal(verify(ticket(), renewed[3])), "passed");
}

TEST_F(TwoFactorServiceTest, GoesOffForACodeOrThePassword) {
  turn_on();
  EXPECT_EQ(refusal(await(two_factors.turn_off(user_, {}, here()))), "proof_required");
  EXPECT_EQ(refusal(await(two_factors.turn_off(user_, by_code("000000"), here()))), "code_invalid");
  EXPECT_EQ(refusal(await(two_factors.turn_off(user_, by_password("wrong"), here()))), "invalid_credentials");
  const auto open_ticket = ticket();
  EXPECT_EQ(refusal(await(two_factors.turn_off(user_, by_password(kPassword), here()))), "passed");
  EXPECT_EQ(refusal(await(two_factors.turn_off(user_, by_password(kPassword), here()))),
            "two_factor_unknown");
  EXPECT_EQ(refusal(verify(open_ticket, "000000")), "ticket_invalid");
  EXPECT_TRUE(std::holds_alternative<SignedInUser>(login().value()));
  turn_on();
  EXPECT_EQ(refusal(await(two_factors.turn_off(user_, by_code(code()), here()))), "passed");
}

// Who has the password can have as many tickets as there are logins, but not as many codes.
TEST_F(TwoFactorServiceTest, LimitsTheTriesOfAnAccountWhoeverMakesThem) {
  turn_on();
  int looked_at = 0;
  for (int address = 0; address < 40; ++address) {
    const auto stranger = away("198.51.100." + std::to_string(address));
    const auto outcome = login(stranger);
    if (outcome.has_error()) continue;
    const auto refused = verify(std::get<TwoFactorChallenge>(*outcome).ticket, "000000", stranger);
    looked_at += refusal(refused) == "code_invalid" ? 1 : 0;
  }
  EXPECT_EQ(looked_at, 9);                                 // of ten: the owner confirmed with one
  EXPECT_EQ(refusal(verify(ticket(), code())), "passed");  // from where the owner was signed in
}

TEST_F(TwoFactorServiceTest, SealsAnewUnderANewKey) {
  turn_on();
  const SealedBox rotated({"a newer secret of thirty-two bytes", "another secret of thirty-two bytes"});
  TwoFactorService newer{{.two_factors = store->two_factors(),
                          .users = store->users(),
                          .passwords = passwords,
                          .limits = limits,
                          .tickets = tickets,
                          .throttle = throttle,
                          .audit = audit,
                          .box = rotated,
                          .clock = clock,
                          .random = random}};
  SecondFactorFields fields;
  fields.code = code();
  ASSERT_EQ(refusal(await(newer.redeem(ticket(), fields, here()))), "passed");
  EXPECT_TRUE(rotated.is_current(await(store->two_factors().find(user_))->sealed_secret));
}

}  // namespace two_factor_service_test
}  // namespace relay
