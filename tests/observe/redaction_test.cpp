#include "observe/redaction.h"

#include <gtest/gtest.h>

namespace relay {
namespace redaction_test {

TEST(Redaction, LeavesOrdinaryWordsAlone) {
  for (const char* words :
       {"", "listening on 127.0.0.1:3001", "key_01HZX was revoked", "max_tokens: 5",
        R"({"input_tokens":12,"model":"claude-opus-4-8"})", "risk-free", "ask-me-anything",
        "a token is missing", "eyJust a word", "http://127.0.0.1:3001/v1/messages"}) {
    EXPECT_EQ(redacted(words), words);
  }
}

TEST(Redaction, HidesKeysOfEveryKind) {
  EXPECT_EQ(redacted("with cr_4fGh7Kq2Zx9LmN0pQr and more"), "with cr_[redacted] and more");
  EXPECT_EQ(redacted("cuk_x1"), "cuk_[redacted]");
  EXPECT_EQ(redacted("'sk-ant-api03-abc_def-ghi'"), "'sk-[redacted]'");
  EXPECT_EQ(redacted("sk-proj-12345678"), "sk-[redacted]");
}

TEST(Redaction, HidesAKeyThatIsGluedToAWord) {
  EXPECT_EQ(redacted("xcr_0123456789abcdefghijklmnop"), "xcr_[redacted]");
  EXPECT_EQ(redacted(R"(line\ncr_4fGh7Kq2)"), R"(line\ncr_[redacted])");
}

TEST(Redaction, HidesCredentialsInHeaders) {
  EXPECT_EQ(redacted("Authorization: Bearer abcdef012345"), "Authorization: [redacted]");
  EXPECT_EQ(redacted("sent bearer abcdef012345."), "sent bearer [redacted]");
  EXPECT_EQ(redacted("x-api-key: whatever\r\nhost: a"), "x-api-key: [redacted]\r\nhost: a");
  EXPECT_EQ(redacted("Basic dXNlcjpwYXNz"), "Basic [redacted]");
}

TEST(Redaction, HidesWebTokens) {
  EXPECT_EQ(redacted("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.sig-na_ture!"), "got [redacted]!");
}

TEST(Redaction, HidesNamedValuesInJson) {
  EXPECT_EQ(redacted(R"({"password":"hunter2","a":1})"), R"({"password":"[redacted]","a":1})");
  EXPECT_EQ(redacted(R"({"newPassword" : "a\"b", "x":2})"), R"({"newPassword" : "[redacted]", "x":2})");
  EXPECT_EQ(redacted(R"({"refreshToken":"r","token":"t"})"),
            R"({"refreshToken":"[redacted]","token":"[redacted]"})");
}

TEST(Redaction, HidesNamedValuesInJsonWithinJson) {
  EXPECT_EQ(redacted(R"({"body":"{\"password\":\"hun\\\"ter\",\"a\":1}"})"),
            R"({"body":"{\"password\":\"[redacted]\",\"a\":1}"})");
}

TEST(Redaction, HidesNamedValuesInForms) {
  EXPECT_EQ(redacted("token=abc&x=1"), "token=[redacted]&x=1");
  EXPECT_EQ(redacted("CLIENT_SECRET=s3cret next"), "CLIENT_SECRET=[redacted] next");
}

TEST(Redaction, HidesWhoSignsInToAnAddress) {
  EXPECT_EQ(redacted("redis://me:pw@host:6379/0"), "redis://[redacted]@host:6379/0");
  EXPECT_EQ(redacted("smtp://a:p@b@mail.example"), "smtp://[redacted]@mail.example");
}

TEST(Redaction, HidesPrivateKeys) {
  EXPECT_EQ(redacted("x -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- y"),
            "x [redacted]-----END PRIVATE KEY----- y");
  EXPECT_EQ(redacted("-----BEGIN RSA PRIVATE KEY-----\nMIIE"), "[redacted]");
  EXPECT_EQ(redacted("-----BEGIN PUBLIC KEY-----"), "-----BEGIN PUBLIC KEY-----");
}

TEST(Redaction, HidesAValueThatIsCutOff) {
  EXPECT_EQ(redacted(R"({"password":"hunt)"), R"({"password":"[redacted])");
}

TEST(Redaction, KnowsSensitiveNamesInEverySpelling) {
  for (const char* name : {"password", "confirmPassword", "refresh_token", "X-Api-Key", "apiKey",
                           "authorization", "client_secret", "MYSQL_PASSWORD"}) {
    EXPECT_TRUE(is_sensitive_name(name)) << name;
  }
  for (const char* name : {"tokens", "max_tokens", "key_id", "passwords_allowed", "name", ""}) {
    EXPECT_FALSE(is_sensitive_name(name)) << name;
  }
}

}  // namespace redaction_test
}  // namespace relay
