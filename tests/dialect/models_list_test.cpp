#include "dialect/models_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace relay {
namespace models_list_test {

const std::vector<ListedModel> kModels{
    {.id = "claude-a",
     .display_name = "Claude \"A\"",
     .created_at = WallTime(std::chrono::seconds(1770163200)),
     .owned_by = ""},
    {.id = "claude-b", .display_name = "", .created_at = {}, .owned_by = "anthropic"},
    {.id = "claude-c", .display_name = "", .created_at = {}, .owned_by = ""}};

TEST(ModelsList, MakesAnthropicsList) {
  EXPECT_EQ(
      anthropic_models_list(kModels, {.limit = 2}),
      R"({"data":[{"type":"model","id":"claude-a","display_name":"Claude \"A\"","created_at":"2026-02-04T00:00:00Z"},)"
      R"({"type":"model","id":"claude-b","display_name":"claude-b","created_at":"1970-01-01T00:00:00Z"}],)"
      R"("has_more":true,"first_id":"claude-a","last_id":"claude-b"})");
  EXPECT_EQ(anthropic_models_list({}, {}), R"({"data":[],"has_more":false,"first_id":null,"last_id":null})");
}

TEST(ModelsList, TurnsThePagesOfAnthropicsList) {
  const auto ids = [](const ModelsPage& page) {
    const auto text = anthropic_models_list(kModels, page);
    return text.substr(text.find("\"has_more\""));
  };
  EXPECT_EQ(ids({.after_id = "claude-a"}), R"("has_more":false,"first_id":"claude-b","last_id":"claude-c"})");
  EXPECT_EQ(ids({.after_id = "claude-a", .limit = 1}),
            R"("has_more":true,"first_id":"claude-b","last_id":"claude-b"})");
  EXPECT_EQ(ids({.after_id = "claude-c"}), R"("has_more":false,"first_id":null,"last_id":null})");
  EXPECT_EQ(ids({.after_id = "unknown"}), R"("has_more":false,"first_id":null,"last_id":null})");
  EXPECT_EQ(ids({.before_id = "claude-c", .limit = 1}),
            R"("has_more":true,"first_id":"claude-b","last_id":"claude-b"})");
  EXPECT_EQ(ids({.before_id = "claude-c"}),
            R"("has_more":false,"first_id":"claude-a","last_id":"claude-b"})");
  EXPECT_EQ(ids({.before_id = "unknown"}), R"("has_more":false,"first_id":null,"last_id":null})");
  EXPECT_EQ(ids({.limit = 0}), R"("has_more":true,"first_id":"claude-a","last_id":"claude-a"})");
}

TEST(ModelsList, MakesOpenAisList) {
  EXPECT_EQ(
      openai_models_list(std::span(kModels).subspan(0, 2)),
      R"({"object":"list","data":[{"id":"claude-a","object":"model","created":1770163200,"owned_by":"system"},)"
      R"({"id":"claude-b","object":"model","created":0,"owned_by":"anthropic"}]})");
  EXPECT_EQ(openai_models_list({}), R"({"object":"list","data":[]})");
}

TEST(ModelsList, ThinsOutAProvidersListAndKeepsWhatItDoesNotKnow) {
  JsonIndex json;
  const auto allows = [](std::string_view id) { return id != "b"; };
  const auto list = filter_models_list(
      R"({ "data": [ {"id":"b"}, {"id" : "a", "new": [1]}, 7, {"id":"c\u0064"} ], "has_more":false, "first_id":"b", "last_id":"cd", "x":{"y":1} })",
      json, allows);
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(
      *list,
      R"({"data":[{"id" : "a", "new": [1]},{"id":"c\u0064"}],"has_more":false,"first_id":"a","last_id":"c\u0064","x":{"y":1}})");
  const auto none =
      filter_models_list(R"({"object":"list","data":[{"id":"b"}],"first_id":"b"})", json, allows);
  EXPECT_EQ(*none, R"({"object":"list","data":[],"first_id":null})");
}

TEST(ModelsList, RefusesWhatIsNoList) {
  JsonIndex json;
  for (const std::string_view text : {"", "{", "[]", "{}", R"({"data":{}})", R"({"error":{"type":"x"}})"}) {
    const auto list = filter_models_list(text, json, [](std::string_view) { return true; });
    ASSERT_TRUE(list.has_error()) << text;
    EXPECT_EQ(list.error().kind(), ErrorKind::bad_gateway);
  }
}

}  // namespace models_list_test
}  // namespace relay
