#include "oauth/key_set.h"

#include "crypto/signed_tokens.h"
#include "fakes/await.h"
#include "fakes/fetch_fake.h"
#include "fakes/fixed_clock.h"

#include <gtest/gtest.h>

namespace relay {
namespace key_set_test {

using namespace std::chrono_literals;
using test::await;

class KeySetTest : public testing::Test {
 protected:
  void serve(std::initializer_list<std::string_view> keys) {
    std::string list;
    for (const auto key : keys) list += (list.empty() ? "" : ",") + std::string(key);
    http_.answer("https://issuer/jwks", "{\"keys\":[" + list + "]}");
  }
  std::string verify(std::string_view token) {
    const auto payload = await(keys_.verify(std::string(token), "https://issuer/jwks"));
    return payload.has_value() ? *payload : std::string(payload.error().code());
  }

  test::FixedClock clock_;
  test::FetchFake http_;
  KeySet keys_{http_, clock_};
};

TEST_F(KeySetTest, KeepsKeysForAnHour) {
  serve({test::kEcKey, test::kRsaKey});
  EXPECT_EQ(verify(test::kRs256), R"({"sub":"RS256"})");
  EXPECT_EQ(verify(test::kEs256), R"({"sub":"ES256"})");
  clock_.advance(59min);
  EXPECT_EQ(verify(test::kPs256), R"({"sub":"PS256"})");
  EXPECT_EQ(http_.calls.size(), 1U);
  clock_.advance(1min);
  serve({test::kEcKey});  // the other one was taken back
  EXPECT_EQ(verify(test::kRs256), "oauth_failed");
  EXPECT_EQ(http_.calls.size(), 2U);
}

TEST_F(KeySetTest, FetchesKeysThatRotatedButNotForEveryToken) {
  serve({test::kEcKey});
  EXPECT_EQ(verify(test::kEs256), R"({"sub":"ES256"})");
  serve({test::kRsaKey});
  EXPECT_EQ(verify(test::kRs256), "oauth_failed");
  EXPECT_EQ(http_.calls.size(), 1U);
  clock_.advance(1min);
  EXPECT_EQ(verify(test::kRs256), R"({"sub":"RS256"})");
  EXPECT_EQ(verify(test::kEs256), "oauth_failed");
  EXPECT_EQ(http_.calls.size(), 2U);
}

TEST_F(KeySetTest, SaysWhenTheIssuerIsAway) {
  EXPECT_EQ(verify(test::kRs256), "oauth_unavailable");
  http_.answer("https://issuer/jwks", "{}");
  EXPECT_EQ(verify(test::kRs256), "oauth_failed");
}

TEST_F(KeySetTest, LooksAtFiftyKeysAtMost) {
  std::string list;
  for (int i = 0; i < 50; ++i) list += R"({"kty":"oct"},)";
  http_.answer("https://issuer/jwks", "{\"keys\":[" + list + std::string(test::kRsaKey) + "]}");
  EXPECT_EQ(verify(test::kRs256), "oauth_failed");
}

}  // namespace key_set_test
}  // namespace relay
