#include "crypto/jws.h"

#include "crypto/signed_tokens.h"

#include <gtest/gtest.h>

namespace relay {
namespace jws_test {

std::string verdict(std::string_view token, std::string_view key) {
  const auto payload = verify_jws(token, key);
  return payload.has_value() ? *payload : std::string(payload.error().code());
}

std::string with(std::string_view token, std::string_view from, std::string_view to) {
  std::string text(token);
  return text.replace(text.find(from), from.size(), to);
}

TEST(Jws, VerifiesTheThreeAlgorithms) {
  EXPECT_EQ(verdict(test::kRs256, test::kRsaKey), R"({"sub":"RS256"})");
  EXPECT_EQ(verdict(test::kPs256, test::kRsaKey), R"({"sub":"PS256"})");
  EXPECT_EQ(verdict(test::kEs256, test::kEcKey), R"({"sub":"ES256"})");
}

TEST(Jws, ReadsTheHeader) {
  const auto header = read_jws_header(test::kEs256);
  EXPECT_EQ(header->algorithm, "ES256");
  EXPECT_EQ(header->key_id, "e");
}

TEST(Jws, RefusesAnotherKeyAndAChangedByte) {
  EXPECT_EQ(verdict(test::kRs256, test::kEcKey), "signature_invalid");
  EXPECT_EQ(verdict(test::kEs256, test::kRsaKey), "signature_invalid");
  for (const auto token : {test::kRs256, test::kPs256, test::kEs256}) {
    const auto& key = token == test::kEs256 ? test::kEcKey : test::kRsaKey;
    std::string changed(token);
    for (const auto at : {token.find('.') + 3, token.rfind('.') + 20}) {
      std::string one = changed;
      one[at] = one[at] == 'A' ? 'B' : 'A';
      EXPECT_EQ(verdict(one, key), "signature_invalid") << at;
    }
    EXPECT_EQ(verdict(changed.substr(0, changed.rfind('.') + 1), key), "signature_invalid");
  }
}

TEST(Jws, RefusesKeysThatAreWeakOrMeantForSomethingElse) {
  EXPECT_EQ(verdict(test::kSmallRs256, test::kSmallRsaKey), "signature_invalid");
  EXPECT_EQ(verdict(test::kRs256, with(test::kRsaKey, "\"use\":\"sig\"", "\"use\":\"enc\"")),
            "signature_invalid");
  EXPECT_EQ(verdict(test::kRs256, with(test::kRsaKey, "\"use\":\"sig\"", "\"alg\":\"PS256\"")),
            "signature_invalid");
  EXPECT_EQ(verdict(test::kRs256, R"({"kty":"oct","k":"c2VjcmV0"})"), "signature_invalid");
  EXPECT_EQ(verdict(test::kRs256, "[]"), "signature_invalid");
}

TEST(Jws, RefusesWhatIsNoToken) {
  for (const char* text : {"", "..", "a.b", "a.b.c.d", "!.e30.e30", "e30.e30.!", "W10.e30.e30"}) {
    EXPECT_EQ(verdict(text, test::kRsaKey), "token_malformed") << text;
  }
  // {"alg":"none"}, {"alg":"HS256"}, {"alg":"RS256","crit":["b64"]}, {"alg":"none","alg":"RS256"}
  EXPECT_EQ(verdict("eyJhbGciOiJub25lIn0.e30.", test::kRsaKey), "signature_invalid");
  EXPECT_EQ(verdict("eyJhbGciOiJIUzI1NiJ9.e30.e30", test::kRsaKey), "signature_invalid");
  EXPECT_EQ(verdict("eyJhbGciOiJSUzI1NiIsImNyaXQiOlsiYjY0Il19.e30.e30", test::kRsaKey), "token_malformed");
  EXPECT_EQ(verdict("eyJhbGciOiJub25lIiwiYWxnIjoiUlMyNTYifQ.e30.e30", test::kRsaKey), "token_malformed");
}

}  // namespace jws_test
}  // namespace relay
