#include "text/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace relay {
namespace glob_test {

TEST(Glob, MatchesTheWholeText) {
  EXPECT_TRUE(glob_matches("claude-opus-5", "claude-opus-5"));
  EXPECT_FALSE(glob_matches("claude-opus-5", "claude-opus-5-5"));
  EXPECT_FALSE(glob_matches("claude-opus-5-5", "claude-opus-5"));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_TRUE(glob_matches("", ""));
}

TEST(Glob, TakesAnyLettersForAStar) {
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("claude-*", "claude-"));
  EXPECT_TRUE(glob_matches("claude-*-5", "claude-opus-5-5"));
  EXPECT_TRUE(glob_matches("*opus*", "claude-opus-5"));
  EXPECT_TRUE(glob_matches("a*b*c", "a1b2b3c"));
  EXPECT_FALSE(glob_matches("a*b*c", "a1c2b"));
  EXPECT_FALSE(glob_matches("claude-*", "Claude-x"));
  EXPECT_FALSE(glob_matches("gpt?", "gpt4"));
}

TEST(Glob, IsNotSlowOnManyStars) {
  const std::string text(20'000, 'a');
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "a*";
  EXPECT_FALSE(glob_matches(pattern + "b", text));
}

}  // namespace glob_test
}  // namespace relay
