#include "oauth/id_token.h"

#include "fakes/fixed_clock.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace relay {
namespace id_token_test {

class IdTokenTest : public testing::Test {
 protected:
  std::int64_t seconds(std::int64_t from_now) const {
    return clock_.now().time_since_epoch().count() / 1000 + from_now;
  }
  /// The claim that was wrong; "passed".
  std::string verdict() const {
    const IdTokenRules rules{
        .issuer = "https://issuer", .client_id = "us", .nonce = "n", .now = clock_.now()};
    const auto outcome = check_id_token(boost::json::serialize(claims_), rules);
    return outcome.has_value() ? "passed" : outcome.error().cause();
  }
  std::string with(const char* name, boost::json::value value) {
    const auto before = claims_;
    claims_[name] = std::move(value);
    const auto words = verdict();
    claims_ = before;
    return words;
  }

  test::FixedClock clock_;
  boost::json::object claims_{{"iss", "https://issuer"},  {"aud", "us"},           {"exp", seconds(300)},
                              {"iat", seconds(0)},        {"nonce", "n"},          {"sub", "someone"},
                              {"email", "a@example.com"}, {"email_verified", true}};
};

TEST_F(IdTokenTest, TakesWhatWasMadeForUsAndNow) {
  EXPECT_EQ(verdict(), "passed");
  EXPECT_EQ(with("aud", boost::json::array{"us"}), "passed");
  EXPECT_EQ(with("exp", seconds(-59)), "passed");  // clocks differ
  EXPECT_EQ(with("iat", seconds(59)), "passed");
  EXPECT_EQ(with("iat", static_cast<double>(seconds(-10)) + 0.5), "passed");
  EXPECT_EQ(with("azp", "us"), "passed");
  claims_["azp"] = "us";
  EXPECT_EQ(with("aud", (boost::json::array{"others", "us"})), "passed");
}

TEST_F(IdTokenTest, NamesTheClaimThatIsWrong) {
  EXPECT_EQ(with("iss", "https://issuer/"), "ID token: iss");
  EXPECT_EQ(with("aud", "US"), "ID token: aud");
  EXPECT_EQ(with("aud", boost::json::array{}), "ID token: aud");
  EXPECT_EQ(with("aud", (boost::json::array{"us", "others"})), "ID token: azp");
  EXPECT_EQ(with("azp", "others"), "ID token: azp");
  EXPECT_EQ(with("exp", seconds(-60)), "ID token: exp");
  EXPECT_EQ(with("exp", "never"), "ID token: exp");
  EXPECT_EQ(with("exp", 1e300), "ID token: exp");
  EXPECT_EQ(with("iat", seconds(61)), "ID token: iat");
  EXPECT_EQ(with("iat", seconds(-601)), "ID token: iat");
  EXPECT_EQ(with("iat", nullptr), "ID token: iat");
  EXPECT_EQ(with("nbf", seconds(61)), "ID token: nbf");
  EXPECT_EQ(with("nonce", "m"), "ID token: nonce");
  EXPECT_EQ(with("nonce", nullptr), "ID token: nonce");
  EXPECT_EQ(with("sub", ""), "ID token: sub");
  EXPECT_EQ(with("sub", 7), "ID token: sub");
  EXPECT_EQ(with("sub", boost::json::string(256, 'x')), "ID token: sub");
  EXPECT_TRUE(check_id_token("[]", {}).has_error());
}

}  // namespace id_token_test
}  // namespace relay
