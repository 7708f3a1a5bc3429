#include "service/services_under_test.h"

#include <boost/asio/co_spawn.hpp>

#include <future>

namespace relay {
namespace auth_service_test {

using namespace std::chrono_literals;
using test::await;
using test::refusal;

class AuthServiceTest : public testing::Test, protected test::ServicesUnderTest {
 protected:
  Result<SignInOutcome> login(const std::string& email, PasswordFields fields, Device device = here()) {
    return await(auth.login(email, std::move(fields), std::move(device)));
  }
};

TEST_F(AuthServiceTest, RegistersAndSignsIn) {
  const auto made = await(register_user("ada", plain(kPassword)));
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_EQ(made->user.email.text(), "ada@example.com");
  EXPECT_EQ(await(sessions.authenticate(made->tokens.access_token))->user_id, made->user.id);
  EXPECT_EQ(made->tokens.expires_at, clock.now() + 15min);

  const auto kept = await(store->users().find(made->user.id)).value();
  EXPECT_TRUE(kept.password_hash.starts_with("$2b$04$"));
  EXPECT_EQ(refusal(login("ADA@example.com", plain(kPassword))), "passed");
}

TEST_F(AuthServiceTest, TakesEncryptedPasswordsFromEverywhere) {
  auto fields = encrypted(kPassword);
  fields.encrypted_confirm = encrypt(kPassword);
  Device far = away("203.0.113.9");
  far.is_tls = false;
  ASSERT_EQ(refusal(await(register_user("ada", fields, far))), "passed");
  EXPECT_EQ(refusal(login("ada@example.com", encrypted(kPassword), far)), "passed");
  EXPECT_EQ(refusal(login("ada@example.com", encrypted("wrong password"), far)), "invalid_credentials");
}

TEST_F(AuthServiceTest, UsesANonceOnce) {
  a_user("ada");
  const auto fields = encrypted(kPassword);
  EXPECT_EQ(refusal(login("ada@example.com", fields)), "passed");
  const auto again = login("ada@example.com", fields);
  ASSERT_TRUE(again.has_error());
  EXPECT_EQ(again.error().kind(), ErrorKind::security);
  EXPECT_EQ(again.error().message(), "Invalid or expired request. Please refresh and try again.");

  const auto late = encrypted(kPassword);
  clock.advance(5min);
  EXPECT_EQ(refusal(login("ada@example.com", late)), "nonce_invalid");
  auto none = encrypted(kPassword);
  none.nonce.reset();
  EXPECT_EQ(refusal(login("ada@example.com", none)), "nonce_invalid");
}

TEST_F(AuthServiceTest, SaysInOneWayThatItCouldNotDecrypt) {
  a_user("ada");
  for (const char* broken : {"%%%", "AAAA", ""}) {
    auto fields = encrypted(kPassword);
    fields.encrypted = broken == std::string() ? std::string(5000, 'A') : std::string(broken);
    const auto refused = login("ada@example.com", fields);
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().message(), "Password decryption failed. Please refresh and try again.");
  }
}

TEST_F(AuthServiceTest, NamesEveryWrongFieldOfARegistration) {
  Registration registration{.email = "nobody", .username = "a", .passwords = plain("short")};
  registration.passwords.plain_confirm = "other";
  const auto refused = await(auth.register_user(registration, here()));
  ASSERT_TRUE(refused.has_error());
  std::string fields;
  for (const auto& [field, message] : refused.error().fields()) fields += field + " ";
  EXPECT_EQ(fields, "email username password confirmPassword ");
}

TEST_F(AuthServiceTest, KeepsTheWordsThatClientsMatch) {
  const auto message = [](const auto& result) {
    return result.has_error() ? result.error().message() : "passed";
  };
  EXPECT_EQ(message(await(auth.register_user({}, here()))),
            "Email, username, password and confirmPassword are required");
  EXPECT_EQ(message(await(register_user("ada", plain("short")))),
            "Password must be at least 8 characters long");
  auto fields = plain(kPassword);
  fields.plain_confirm = "another password";
  EXPECT_EQ(message(await(register_user("ada", fields))), "Passwords do not match");
  EXPECT_EQ(message(login("", plain(kPassword))), "Email and password are required");
  EXPECT_EQ(message(login("a@example.com", {})), "Email and password are required");
  EXPECT_EQ(message(await(auth.refresh("", here()))), "Refresh token is required");
  a_user("ada");
  EXPECT_EQ(message(login("ada@example.com", plain("wrong password"))), "Invalid credentials");
  EXPECT_EQ(message(login("nobody@example.com", plain("wrong password"))), "Invalid credentials");
  EXPECT_EQ(message(login("no address", plain("wrong password"))), "Invalid credentials");
  EXPECT_EQ(message(await(register_user("ada", plain(kPassword)))), "Email already registered");
  Registration same_name{.email = "other@example.com", .username = "ADA", .passwords = plain(kPassword)};
  EXPECT_EQ(message(await(auth.register_user(same_name, here()))), "Username already taken");
}

TEST_F(AuthServiceTest, TakesPlainTextOnlyFromHereOrOverTls) {
  a_user("ada");
  Device far = away("203.0.113.9");
  EXPECT_EQ(refusal(login("ada@example.com", plain(kPassword), far)), "passed");
  far.is_tls = false;
  EXPECT_EQ(refusal(login("ada@example.com", plain(kPassword), far)), "plaintext_password_refused");
  far.is_loopback_peer = true;  // a proxy on this machine, a person elsewhere
  EXPECT_EQ(refusal(login("ada@example.com", plain(kPassword), far)), "plaintext_password_refused");
}

TEST_F(AuthServiceTest, RefusesAnInactiveUserOnlyAfterARightPassword) {
  const auto user = a_user("ada").user;
  UserChanges changes;
  changes.status = UserStatus::suspended;
  ASSERT_TRUE(await(store->users().update(user.id, changes, clock.now())).has_value());
  EXPECT_EQ(refusal(login("ada@example.com", plain("wrong password"))), "invalid_credentials");
  const auto refused = login("ada@example.com", plain(kPassword));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind(), ErrorKind::forbidden);
  EXPECT_EQ(refused.error().message(), "Account is not active");
}

TEST_F(AuthServiceTest, LimitsTriesByPairAndForgetsThemOnSuccess) {
  a_user("ada");
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(refusal(login("ada@example.com", plain("wrong password"))), "invalid_credentials");
  EXPECT_EQ(refusal(login("ada@example.com", plain(kPassword))), "passed");
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(refusal(login("ada@example.com", plain("wrong password"))), "invalid_credentials");
  EXPECT_EQ(refusal(login("ada@example.com", plain(kPassword))), "too_many_attempts");
  EXPECT_EQ(refusal(login("bob@example.com", plain(kPassword))), "invalid_credentials");
  clock.advance(1min);
  EXPECT_EQ(refusal(login("ada@example.com", plain(kPassword))), "passed");
}

TEST_F(AuthServiceTest, NeverLetsStrangersLockTheOwnerOut) {
  auto owner = away("203.0.113.1");
  ASSERT_TRUE(await(register_user("ada", plain(kPassword), owner)).has_value());
  for (int i = 0; i < 100; ++i) {
    (void)login("ada@example.com", plain("wrong password"), away("198.51.100." + std::to_string(i)));
  }
  EXPECT_EQ(refusal(login("ada@example.com", plain(kPassword), away("198.51.100.200"))), "too_many_attempts");
  EXPECT_EQ(refusal(login("ada@example.com", plain(kPassword), owner)), "passed");
}

TEST_F(AuthServiceTest, LimitsEachAddress) {
  for (int i = 0; i < 30; ++i) EXPECT_EQ(refusal(await(auth.sign_in_key(away("2001:db8::1")))), "passed");
  EXPECT_EQ(refusal(await(auth.sign_in_key(away("2001:db8::2")))), "too_many_attempts");  // the same /64
  EXPECT_EQ(refusal(await(auth.sign_in_key(away("2001:db8:1::1")))), "passed");
}

TEST_F(AuthServiceTest, RenewsAnImportedHash) {
  auto user = a_user("ada").user;
  UserChanges imported;
  imported.password_hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";  // U*U
  ASSERT_TRUE(await(store->users().update(user.id, imported, clock.now())).has_value());
  EXPECT_EQ(refusal(login("ada@example.com", plain("U*U"))), "passed");
  EXPECT_TRUE(await(store->users().find(user.id))->password_hash.starts_with("$2b$04$"));
  EXPECT_EQ(refusal(login("ada@example.com", plain("U*U"))), "passed");
}

TEST_F(AuthServiceTest, KeepsOneKeyPairForAllNodes) {
  const auto key = await(auth.sign_in_key(here())).value();
  PasswordService other{{.secrets = store->secrets(),
                         .nonces = nonces,
                         .box = box,
                         .crypto_pool = crypto_pool,
                         .clock = clock,
                         .random = random},
                        {}};
  ASSERT_TRUE(await(other.prepare()).has_value());
  EXPECT_EQ(await(other.sign_in_key())->public_pem, key.public_pem);
  EXPECT_EQ(key.nonce.size(), 64U);
}

TEST_F(AuthServiceTest, SaysItIsBusyWhenThePoolIsFull) {
  a_user("ada");
  BlockingPool full(1, 0);
  PasswordService no_room{{.secrets = store->secrets(),
                           .nonces = nonces,
                           .box = box,
                           .crypto_pool = full,
                           .clock = clock,
                           .random = random},
                          {.bcrypt_cost = kCheapBcrypt}};
  AuthService busy{{.users = store->users(),
                    .passwords = no_room,
                    .limits = limits,
                    .sessions = sessions,
                    .two_factors = two_factors,
                    .outbox = outbox,
                    .audit = audit,
                    .clock = clock,
                    .random = random}};
  boost::asio::io_context context(1);
  std::optional<Result<int>> blocked;
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  auto slow = [opened]() -> Result<int> { return opened.wait(), 1; };
  boost::asio::co_spawn(context.get_executor(), test::keep_outcome(full.run(slow), blocked), test::rethrow);
  context.poll();
  const auto refused = await(busy.login("ada@example.com", plain(kPassword), here()));
  gate.set_value();
  context.run();
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind(), ErrorKind::unavailable);
  EXPECT_TRUE(refused.error().retry_after().has_value());
}

}  // namespace auth_service_test
}  // namespace relay
