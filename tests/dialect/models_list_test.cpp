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

TEST(ModelsList, ReadsEitherProvidersListAndKeepsWhatItDoesNotKnow) {
  JsonIndex json;
  const auto anthropic = parse_models_list(
      R"({"data":[{"type":"model","id":"claude-x","display_name":"X","created_at":"2026-02-04T00:00:00Z","new":[1]},7,{}],"has_more":false})",
      json);
  ASSERT_TRUE(anthropic.has_value());
  ASSERT_EQ(anthropic->size(), 1U);
  EXPECT_EQ(
      anthropic_model(anthropic->at(0)),
      R"({"type":"model","id":"claude-x","display_name":"X","created_at":"2026-02-04T00:00:00Z","new":[1]})");
  EXPECT_EQ(openai_model(anthropic->at(0)),
            R"({"id":"claude-x","object":"model","created":1770163200,"owned_by":"anthropic"})");
  const auto openai = parse_models_list(
      R"({"object":"list","data":[{"id":"gpt-\u0078","object":"model","created":1770163200,"owned_by":"me","z":0}]})",
      json);
  ASSERT_TRUE(openai.has_value());
  EXPECT_EQ(anthropic_model(openai->at(0)),
            R"({"type":"model","id":"gpt-x","display_name":"gpt-x","created_at":"2026-02-04T00:00:00Z"})");
  EXPECT_EQ(openai_model(openai->at(0)),
            R"({"id":"gpt-\u0078","object":"model","created":1770163200,"owned_by":"me","z":0})");
  EXPECT_EQ(parse_model(R"({"id":"a","created":-1})", json)->created_at, WallTime());
  EXPECT_EQ(parse_model(R"({"id":"a","created":1e15})", json)->created_at, WallTime());
}

TEST(ModelsList, RefusesWhatIsNoList) {
  JsonIndex json;
  for (const std::string_view text : {"", "{", "[]", "{}", R"({"data":{}})", R"({"error":{"type":"x"}})"}) {
    const auto list = parse_models_list(text, json);
    ASSERT_TRUE(list.has_error()) << text;
    EXPECT_EQ(list.error().kind(), ErrorKind::bad_gateway);
    EXPECT_TRUE(parse_model(text, json).has_error());
  }
}

}  // namespace models_list_test
}  // namespace relay
