#include "app/env_file.h"

#include <gtest/gtest.h>

namespace relay {
namespace env_file_test {

TEST(EnvFile, ReadsTheFormsThatPeopleWrite) {
  const auto values = parse_env_file(
      "# a comment\n\nA=1\nexport B = two \nC='it is # raw \\n'\nD=\"line\\nbreak \\\"q\\\"\" # behind\n"
      "E=plain # comment\nF=a#b\r\nG=\nA=last");
  ASSERT_TRUE(values.has_value()) << values.error().message();
  EXPECT_EQ(values->at("A"), "last");
  EXPECT_EQ(values->at("B"), "two");
  EXPECT_EQ(values->at("C"), "it is # raw \\n");
  EXPECT_EQ(values->at("D"), "line\nbreak \"q\"");
  EXPECT_EQ(values->at("E"), "plain");
  EXPECT_EQ(values->at("F"), "a#b");
  EXPECT_EQ(values->at("G"), "");
  EXPECT_EQ(values->size(), 7U);
}

TEST(EnvFile, NamesTheLineAndKeepsTheValueToItself) {
  for (const char* text :
       {"A=1\nno equals sign", "A=1\n1A=hunter2", "A=1\nB=\"hunter2", "A=1\nB='hunter2'x"}) {
    const auto values = parse_env_file(text);
    ASSERT_TRUE(values.has_error()) << text;
    EXPECT_NE(values.error().message().find("line 2"), std::string::npos) << text;
    EXPECT_EQ(values.error().message().find("hunter2"), std::string::npos) << text;
  }
}

}  // namespace env_file_test
}  // namespace relay
