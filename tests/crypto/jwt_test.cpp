#include "crypto/jwt.h"

#include "fakes/fixed_clock.h"
#include "text/base64.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace relay {
namespace jwt_test {

using namespace std::chrono_literals;

const std::string kSecret = "a secret of thirty-two bytes long";

class AccessTokenSignerTest : public testing::Test {
 protected:
  AccessClaims claims() const {
    return {.user_id = "usr_1",
            .session_id = "ses_1",
            .role = "user",
            .issued_at = clock_.now(),
            .expires_at = clock_.now() + 15min};
  }
  // A token made by hand, signed rightly, so that only its content can be what is refused.
  static std::string forge(const std::string& header, const std::string& payload,
                           const EVP_MD* hash = EVP_sha256()) {
    const auto text = to_base64url(header) + "." + to_base64url(payload);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(hash, kSecret.data(), static_cast<int>(kSecret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
    return text + "." + to_base64url({reinterpret_cast<const char*>(mac), size});
  }
  std::string payload(const std::string& replaced = "", const std::string& by = "") const {
    const auto now =
        std::to_string(std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count());
    const auto later = std::to_string(
        std::chrono::floor<std::chrono::seconds>(clock_.now() + 15min).time_since_epoch().count());
    std::string text =
        R"({"iss":"claude-relay","aud":"claude-relay-client","sub":"usr_1","sid":"ses_1","role":"user","iat":)" +
        now + R"(,"exp":)" + later + "}";
    if (!replaced.empty()) text.replace(text.find(replaced), replaced.size(), by);
    return text;
  }
  void expect_invalid(const std::string& token) const {
    const auto verified = signer_.verify(token, clock_.now());
    ASSERT_TRUE(verified.has_error()) << token;
    EXPECT_EQ(verified.error().kind(), ErrorKind::token_invalid);
    EXPECT_EQ(verified.error().message(), "Invalid token");
  }

  test::FixedClock clock_;
  AccessTokenSigner signer_{kSecret};
};

const std::string kHeader = R"({"alg":"HS256","typ":"JWT"})";

TEST_F(AccessTokenSignerTest, KnowsItsOwn) {
  const auto token = signer_.sign(claims()).value();
  const auto verified = signer_.verify(token, clock_.now());
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->user_id, "usr_1");
  EXPECT_EQ(verified->session_id, "ses_1");
  EXPECT_EQ(verified->role, "user");
  EXPECT_EQ(verified->expires_at, clock_.now() + 15min);
}

TEST_F(AccessTokenSignerTest, TakesAForgeryThatIsRightInEverything) {
  EXPECT_TRUE(signer_.verify(forge(kHeader, payload()), clock_.now()).has_value());
}

TEST_F(AccessTokenSignerTest, EndsWithItsTime) {
  const auto token = signer_.sign(claims()).value();
  EXPECT_TRUE(signer_.verify(token, clock_.now() + 15min - 1s).has_value());
  const auto verified = signer_.verify(token, clock_.now() + 15min);
  ASSERT_TRUE(verified.has_error());
  EXPECT_EQ(verified.error().kind(), ErrorKind::token_expired);
  EXPECT_EQ(verified.error().message(), "Token has expired");
}

TEST_F(AccessTokenSignerTest, RefusesAnotherSignature) {
  const auto token = signer_.sign(claims()).value();
  expect_invalid(AccessTokenSigner("another secret of thirty-two bytes").sign(claims()).value());
  expect_invalid(token.substr(0, token.size() - 1));
  expect_invalid(token.substr(0, token.rfind('.') + 1));
  expect_invalid(token + "A");
}

TEST_F(AccessTokenSignerTest, RefusesNoneAndOtherAlgorithms) {
  const auto body = to_base64url(payload());
  expect_invalid(to_base64url(R"({"alg":"none","typ":"JWT"})") + "." + body + ".");
  expect_invalid(to_base64url(R"({"alg":"None","typ":"JWT"})") + "." + body + ".");
  expect_invalid(to_base64url(R"({"typ":"JWT"})") + "." + body + ".");
  expect_invalid(forge(R"({"alg":"HS384","typ":"JWT"})", payload(), EVP_sha384()));
  expect_invalid(forge(R"({"alg":"HS512","typ":"JWT"})", payload(), EVP_sha512()));
  expect_invalid(forge(R"({"alg":"RS256","typ":"JWT"})", payload()));
}

TEST_F(AccessTokenSignerTest, RefusesAMissingOrForeignClaim) {
  expect_invalid(forge(kHeader, payload(R"("iss":"claude-relay",)")));
  expect_invalid(forge(kHeader, payload("claude-relay-client", "another")));
  expect_invalid(forge(kHeader, payload(R"("sub":"usr_1",)")));
  expect_invalid(forge(kHeader, payload(R"("sid":"ses_1",)")));
  expect_invalid(forge(kHeader, payload(R"("iss":"claude-relay")", R"("iss":["claude-relay"])")));
  EXPECT_TRUE(signer_.verify(forge(kHeader, payload(R"("exp":)", R"("no":)")), clock_.now()).has_error());
  EXPECT_TRUE(
      signer_.verify(forge(kHeader, payload(R"("exp":)", R"("exp":"x","no":)")), clock_.now()).has_error());
}

TEST_F(AccessTokenSignerTest, RefusesATokenFromTheFuture) {
  const auto token = signer_.sign(claims()).value();
  EXPECT_TRUE(signer_.verify(token, clock_.now() - 59s).has_value());
  EXPECT_TRUE(signer_.verify(token, clock_.now() - 61s).has_error());
}

TEST_F(AccessTokenSignerTest, RefusesWhatIsNoToken) {
  using namespace std::string_literals;
  for (const auto& text :
       {""s, "."s, ".."s, "a.b.c"s, "a\0b.c"s, std::string(3000, 'a'), std::string(2000, '.')}) {
    expect_invalid(text);
  }
}

}  // namespace jwt_test
}  // namespace relay
