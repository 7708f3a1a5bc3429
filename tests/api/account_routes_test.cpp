#include "api/client_api_under_test.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace account_routes_test {

class AccountRoutes : public ClientApiUnderTest, public testing::Test {};

TEST_F(AccountRoutes, ListAndEndSessions) {
  const auto token = token_of("anna");
  const auto list = get("/api/client/auth/sessions", token);
  ASSERT_EQ(list.status, 200);
  EXPECT_EQ(list.at("/data/0/current"), "true");
  EXPECT_EQ(list.at("/data/0/address"), "127.0.0.1");
  const auto stranger = token_of("berta");
  EXPECT_EQ(remove("/api/client/auth/sessions/" + list.at("/data/0/id"), stranger).status, 404);
  EXPECT_EQ(remove("/api/client/auth/sessions/" + list.at("/data/0/id"), token).status, 200);
  EXPECT_EQ(get("/api/client/auth/sessions", token).status, 401);
}

TEST_F(AccountRoutes, KeepPreferencesBesideOtherSettings) {
  const auto token = token_of("anna");
  const auto changed =
      put("/api/client/users/preferences", R"({"notifications":{"limitNear":{"email":false}}})", token);
  ASSERT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(changed.at("/data/notifications/limitNear/email"), "false");
  EXPECT_EQ(changed.at("/data/notifications/limitNear/inApp"), "true");
  EXPECT_EQ(get("/api/client/users/preferences", token).at("/data/notifications/limitNear/email"), "false");
  const auto refused =
      put("/api/client/users/preferences", R"({"notifications":{"emailChanged":{"inApp":false}}})", token);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.at("/details/0/field"), "notifications.emailChanged.inApp");
}

TEST_F(AccountRoutes, ServeThePageOfALinkUnderAStrictPolicy) {
  for (const auto* path : {"/verify-email", "/reset-password?token=x", "/restore-email"}) {
    const auto page = get(path);
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer");
    const auto policy = page.header("Content-Security-Policy");
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(page.text.find("{{"), std::string::npos);
  }
}

}  // namespace account_routes_test
}  // namespace relay::test
