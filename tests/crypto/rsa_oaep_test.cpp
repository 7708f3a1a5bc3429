#include "crypto/rsa_oaep.h"

#include <gtest/gtest.h>

namespace relay {
namespace rsa_oaep_test {

const RsaKeyPair& a_pair() {
  static const RsaKeyPair pair = RsaKeyPair::generate().value();
  return pair;
}

TEST(RsaOaep, GivesThePublicKeyAsSpki) {
  EXPECT_TRUE(a_pair().public_pem().starts_with("-----BEGIN PUBLIC KEY-----\n"));
}

TEST(RsaOaep, DecryptsWhatWasEncryptedForIt) {
  const auto cipher = a_pair().encrypt("pass\0word").value();
  EXPECT_EQ(cipher.size(), 256U);
  EXPECT_EQ(a_pair().decrypt(cipher).value(), "pass\0word");
}

TEST(RsaOaep, ComesBackFromItsPrivatePem) {
  const auto again = RsaKeyPair::from_private_pem(a_pair().private_pem());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->public_pem(), a_pair().public_pem());
  EXPECT_EQ(again->decrypt(a_pair().encrypt("hello").value()).value(), "hello");
}

TEST(RsaOaep, TellsEveryFailureInTheSameWords) {
  auto cipher = a_pair().encrypt("hello").value();
  cipher[10] = static_cast<char>(cipher[10] ^ 1);
  for (const std::string& broken : {cipher, std::string(), std::string("short"), std::string(256, 'x')}) {
    const auto plain = a_pair().decrypt(broken);
    ASSERT_TRUE(plain.has_error());
    EXPECT_EQ(plain.error().kind(), ErrorKind::security);
    EXPECT_EQ(plain.error().message(), "Password decryption failed. Please refresh and try again.");
  }
}

TEST(RsaOaep, RefusesAKeyThatIsNone) {
  EXPECT_TRUE(RsaKeyPair::from_private_pem("").has_error());
  EXPECT_TRUE(RsaKeyPair::from_private_pem(a_pair().public_pem()).has_error());
}

TEST(RsaOaep, RefusesATextThatDoesNotFit) {
  EXPECT_TRUE(a_pair().encrypt(std::string(190, 'x')).has_value());
  EXPECT_TRUE(a_pair().encrypt(std::string(191, 'x')).has_error());
}

}  // namespace rsa_oaep_test
}  // namespace relay
