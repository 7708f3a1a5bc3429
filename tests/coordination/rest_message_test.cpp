#include "coordination/rest_message.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace rest_message_test {

using namespace std::chrono_literals;

TEST(RestMessage, TakesOnlyWhatANodeWouldSay) {
  const RestNews news{
      .account_id = "upa_1", .family = "claude-sonnet", .reason = "overloaded", .time = 2500ms};
  const auto message = to_rest_message(news, "nod_1");
  const auto parsed = parse_rest_message(message);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->node, "nod_1");
  EXPECT_EQ(parsed->news.time, 2500ms);
  EXPECT_TRUE(parse_rest_message("n\nupa_1\n\nunreachable\n5").has_value()) << "the whole account";
  for (const std::string_view wrong :
       {"", "n", "n\nupa_1\nf\noverloaded", "n\nupa_1\nf\noverloaded\n-5", "n\nupa_1\nf\noverloaded\n0",
        "n\nupa_1\nf\noverloaded\n99999999999", "n\nupa_1\nf\noverloaded\n5\nmore", "n\n\nf\noverloaded\n5",
        "n\nupa_1\nf\t\noverloaded\n5", "\nupa_1\nf\noverloaded\n5"})
    EXPECT_FALSE(parse_rest_message(wrong).has_value()) << wrong;
  EXPECT_FALSE(parse_rest_message("n\n" + std::string(2000, 'a') + "\nf\noverloaded\n5").has_value());
}

}  // namespace rest_message_test
}  // namespace relay::test
