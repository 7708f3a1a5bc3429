#include "api/client_api_under_test.h"

namespace relay {
namespace auth_routes_test {

using namespace std::chrono_literals;

const std::string kRegistration =
    R"({"email":"ada@example.com","username":"ada","password":"zk3vraq pluto","confirmPassword":"zk3vraq pluto"})";
const std::string kLogin = R"({"email":"ada@example.com","password":"zk3vraq pluto"})";

class AuthRoutesTest : public testing::Test, protected test::ClientApiUnderTest {};

TEST_F(AuthRoutesTest, GivesThePublicKeyAtTheTopLevel) {
  const auto answer = get("/api/client/auth/public-key");
  EXPECT_EQ(answer.at("/success"), "true");
  EXPECT_TRUE(answer.at("/publicKey").starts_with("-----BEGIN PUBLIC KEY-----"));
  EXPECT_EQ(answer.at("/nonce").size(), 64U);
  EXPECT_EQ(answer.at("/timestamp"), std::to_string(clock.now().time_since_epoch().count()));
}

TEST_F(AuthRoutesTest, RegistersWithTheSameFieldsTwice) {
  const auto answer = post("/api/client/auth/register", kRegistration);
  EXPECT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(answer.header("Deprecation"), "@1767225600");
  for (const char* where : {"", "/data"}) {
    const std::string place(where);
    EXPECT_NE(answer.at(place + "/token"), "absent");
    EXPECT_NE(answer.at(place + "/refreshToken"), "absent");
    EXPECT_EQ(answer.at(place + "/user/email"), "ada@example.com");
  }
  EXPECT_EQ(answer.text.find("zk3vraq"), std::string::npos);
  EXPECT_EQ(answer.text.find("$2b$"), std::string::npos);
}

TEST_F(AuthRoutesTest, ShowsEveryFieldOfAUser) {
  const auto answer = post("/api/client/auth/register", kRegistration);
  const auto expect = [&](const char* name, const std::string& value) {
    EXPECT_EQ(answer.at("/data/user/" + std::string(name)), value) << name;
  };
  EXPECT_TRUE(answer.at("/data/user/id").starts_with("usr_"));
  expect("username", "ada");
  expect("displayName", "ada");
  expect("status", "active");
  expect("role", "user");
  expect("emailVerified", "false");
  expect("plan", "free");
  expect("balance", "0.00");
  expect("usageMonthly", "0");
  expect("usageTotal", "0");
  expect("settings", "{}");
  expect("metadata", "{}");
  expect("lastLoginAt", "2026-01-01T00:00:00.000Z");
  expect("createdAt", "2026-01-01T00:00:00.000Z");
  expect("created_at", "2026-01-01T00:00:00.000Z");
  expect("updated_at", "2026-01-01T00:00:00.000Z");
}

TEST_F(AuthRoutesTest, SignsInWithAnEncryptedPasswordAndNoWarning) {
  ASSERT_EQ(post("/api/client/auth/register", kRegistration).status, 201);
  const auto fields = encrypted("zk3vraq pluto");
  const auto answer =
      post("/api/client/auth/login", R"({"email":"ada@example.com","encryptedPassword":")" +
                                         *fields.encrypted + R"(","nonce":")" + *fields.nonce + "\"}");
  EXPECT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.header("Deprecation"), "");
  EXPECT_EQ(answer.at("/data/expiresAt"), "2026-01-01T00:15:00.000Z");
  EXPECT_EQ(answer.at("/token"), answer.at("/data/token"));
  EXPECT_EQ(get("/api/client/users/profile", answer.at("/token")).at("/data/user/username"), "ada");
}

TEST_F(AuthRoutesTest, RefusesPlainTextFromAfar) {
  auto message = request("POST", "/api/client/auth/login", kLogin);
  message.is_loopback_peer = false;
  message.client_address = "203.0.113.1";
  const auto answer = send(message);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.at("/error"), "ValidationError");
  EXPECT_NE(answer.at("/message").find("public-key"), std::string::npos);
}

TEST_F(AuthRoutesTest, RefreshesAndLogsOut) {
  const auto first = post("/api/client/auth/register", kRegistration);
  const auto second =
      post("/api/client/auth/refresh", R"({"refreshToken":")" + first.at("/refreshToken") + "\"}");
  EXPECT_EQ(second.status, 200);
  EXPECT_NE(second.at("/data/refreshToken"), first.at("/refreshToken"));
  EXPECT_EQ(second.at("/data/expiresAt"), "2026-01-01T00:15:00.000Z");

  const auto out = post("/api/client/auth/logout", "", second.at("/data/token"));
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.at("/message"), "Logged out successfully");
  EXPECT_EQ(get("/api/client/users/profile", second.at("/data/token")).status, 401);
  const auto late =
      post("/api/client/auth/refresh", R"({"refreshToken":")" + second.at("/data/refreshToken") + "\"}");
  EXPECT_EQ(late.status, 401);
  EXPECT_EQ(late.at("/error"), "Unauthorized");
  EXPECT_EQ(late.at("/message"), "Refresh token expired or invalid");
}

TEST_F(AuthRoutesTest, LogsOutEverywhereWhenAsked) {
  const auto first = post("/api/client/auth/register", kRegistration);
  const auto second = post("/api/client/auth/login", kLogin);
  ASSERT_EQ(post("/api/client/auth/logout", R"({"all":true})", second.at("/token")).status, 200);
  EXPECT_EQ(get("/api/client/users/profile", first.at("/token")).status, 401);
}

TEST_F(AuthRoutesTest, NamesAFieldOfAWrongType) {
  const auto answer = post("/api/client/auth/login", R"({"email":7,"password":"a\u0000b"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.at("/details/0/field"), "email");
  EXPECT_EQ(answer.at("/details/1/message"), "must not contain NUL characters");
}

TEST_F(AuthRoutesTest, LimitsTriesWithRetryAfter) {
  int refused = 0;
  std::string wait;
  for (int i = 0; i < 12; ++i) {
    const auto answer =
        post("/api/client/auth/login", R"({"email":"nobody@example.com","password":"wrong password"})");
    if (answer.status != 429) continue;
    ++refused;
    wait = answer.header("Retry-After");
  }
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(wait, "60");
}

}  // namespace auth_routes_test
}  // namespace relay
