#include "crypto/totp.h"

#include "fakes/seeded_random.h"

#include <gtest/gtest.h>

namespace relay {
namespace totp_test {

using namespace std::chrono_literals;

constexpr std::string_view kSecret = "12345678901234567890";  // RFC 6238 appendix B

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

// RFC 6238 appendix B, SHA-1: eight digits there, of which these are the last six.
TEST(Totp, WritesTheTestVectors) {
  const auto code = [](std::int64_t seconds) {
    return totp_code(kSecret, totp_step_of(at(seconds))).value();
  };
  EXPECT_EQ(code(59), "287082");
  EXPECT_EQ(code(1111111109), "081804");
  EXPECT_EQ(code(1111111111), "050471");
  EXPECT_EQ(code(1234567890), "005924");
  EXPECT_EQ(code(2000000000), "279037");
  EXPECT_EQ(code(20000000000), "353130");
}

TEST(Totp, TakesOneStepToEitherSideAndSaysWhich) {
  const auto now = at(1'000'000'000);
  const auto step = totp_step_of(now);
  for (const std::int64_t around : {-1, 0, 1}) {
    EXPECT_EQ(match_totp(kSecret, totp_code(kSecret, step + around).value(), now), step + around);
  }
  for (const std::int64_t around : {-2, 2}) {
    EXPECT_EQ(match_totp(kSecret, totp_code(kSecret, step + around).value(), now), std::nullopt);
  }
}

TEST(Totp, RefusesWhatIsNoCode) {
  const auto now = at(59);
  for (const char* text : {"", "28708", "2870822", "287 082", "28708x", "000000"}) {
    EXPECT_EQ(match_totp(kSecret, text, now), std::nullopt) << text;
  }
}

TEST(Totp, MakesASecretOfTwentyBytesThatAppsCanRead) {
  test::SeededRandom random;
  const auto secret = make_totp_secret(random);
  EXPECT_EQ(secret.size(), 20U);
  EXPECT_NE(make_totp_secret(random), secret);
  EXPECT_EQ(otpauth_uri(kSecret, "Claude Relay", "ada@example.com"),
            "otpauth://totp/Claude%20Relay:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            "&issuer=Claude%20Relay&algorithm=SHA1&digits=6&period=30");
}

}  // namespace totp_test
}  // namespace relay
