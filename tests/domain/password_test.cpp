#include "domain/password.h"

#include <gtest/gtest.h>

namespace relay {
namespace password_test {

std::string code_of(const std::string& text) {
  const auto password = Password::parse(text);
  return password.has_value() ? "" : std::string(password.error().code());
}

TEST(Password, TakesEightTo128CharactersOfAnyKind) {
  EXPECT_EQ(code_of("zk3 vraq"), "");
  EXPECT_EQ(code_of("ääääüüüü"), "");
  EXPECT_EQ(code_of(std::string(128, 'q')), "");
  EXPECT_EQ(code_of("zk3vraq"), "password_too_short");
  EXPECT_EQ(code_of("ääää"), "password_too_short");
  EXPECT_EQ(code_of(std::string(129, 'q')), "password_too_long");
}

TEST(Password, RefusesCommonOnesHoweverWritten) {
  EXPECT_EQ(code_of("password"), "password_too_common");
  EXPECT_EQ(code_of("PassWord"), "password_too_common");
  EXPECT_EQ(code_of("12345678"), "password_too_common");
  EXPECT_EQ(code_of("iloveyou"), "password_too_common");
  EXPECT_FALSE(is_common_password("zk3vraqp"));
}

TEST(Password, RefusesWhatIsNoText) {
  using namespace std::string_literals;
  EXPECT_EQ(code_of("abcdefgh\0"s), "password_invalid");
  EXPECT_EQ(code_of("abcdefgh\xFF"), "password_invalid");
}

}  // namespace password_test
}  // namespace relay
