#include "json/look_inside.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace relay {
namespace look_inside_test {

/// The body in memory of exactly its size, so that ASan sees a look past the end.
Result<RequestFacts> look(std::string_view body) {
  static JsonIndex index;
  const auto exact = std::make_unique<char[]>(body.size());
  body.copy(exact.get(), body.size());
  return look_inside(std::string_view(exact.get(), body.size()), index);
}

std::string_view code_of(std::string_view body) {
  const auto facts = look(body);
  return facts.has_error() ? facts.error().code() : "none";
}

std::string field_of(std::string_view body) {
  const auto facts = look(body);
  return facts.has_error() && !facts.error().fields().empty() ? facts.error().fields()[0].field : "none";
}

TEST(LookInside, FindsWhatTheRelayNeeds) {
  const auto facts =
      look(R"( {"messages":[{"role":"user","content":"{\"model\":\"no\"}"}], "model" : "claude-opus-4-8",
      "max_tokens":1024,"tools":[{"model":"no","stream":false}],"metadata":{"user_id":"{\"session_id\":\"s\"}"},
      "stream_options":{"include_usage":true},"stream":true, "n": 2} )");
  ASSERT_TRUE(facts.has_value()) << facts.error().message();
  EXPECT_EQ(facts->model, "claude-opus-4-8");
  EXPECT_TRUE(facts->stream);
  EXPECT_EQ(facts->max_output_tokens, 1024);
  EXPECT_TRUE(facts->includes_usage);
  EXPECT_EQ(facts->user_id, R"({"session_id":"s"})");
  EXPECT_EQ(facts->choices, 2);
}

TEST(LookInside, AbsentAndNullAreTheSame) {
  for (const auto* body :
       {"{}", R"({"model":null,"stream":null,"max_tokens":null,"metadata":null,"n":null})"}) {
    const auto facts = look(body);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->model, "");
    EXPECT_FALSE(facts->stream);
    EXPECT_EQ(facts->max_output_tokens, std::nullopt);
    EXPECT_EQ(facts->choices, 1);
  }
}

TEST(LookInside, TakesTheLargestBound) {
  EXPECT_EQ(look(R"({"max_tokens":5,"max_completion_tokens":7,"max_output_tokens":6})")->max_output_tokens,
            7);
  EXPECT_EQ(look(R"({"max_tokens":5.0})")->max_output_tokens, 5);
  EXPECT_EQ(look(R"({"max_tokens":1e3})")->max_output_tokens, 1000);
}

TEST(LookInside, RefusesAFieldThatIsThereTwice) {
  EXPECT_EQ(code_of(R"({"model":"cheap","model":"dear"})"), "duplicate_field");
  EXPECT_EQ(code_of(R"({"model":"cheap","model":"cheap"})"), "duplicate_field");
  EXPECT_EQ(code_of(R"({"model":"cheap","mod\u0065l":"dear"})"), "duplicate_field");
  EXPECT_EQ(code_of(R"({"model":null,"model":"dear"})"), "duplicate_field");
  EXPECT_EQ(code_of(R"({"stream":false,"a":1,"stream":true})"), "duplicate_field");
  EXPECT_EQ(field_of(R"({"max_tokens":1,"max_tokens":2})"), "max_tokens");
  EXPECT_EQ(code_of(R"({"temperature":1,"temperature":2})"), "none");
}

TEST(LookInside, NamesTheFieldOfTheWrongType) {
  EXPECT_EQ(field_of(R"({"model":5})"), "model");
  EXPECT_EQ(field_of(R"({"model":""})"), "model");
  EXPECT_EQ(field_of(R"({"model":"\ud800"})"), "model");
  EXPECT_EQ(field_of(R"({"model":")" + std::string(257, 'x') + "\"}"), "model");
  EXPECT_EQ(field_of(R"({"stream":"true"})"), "stream");
  EXPECT_EQ(field_of(R"({"max_tokens":"5"})"), "max_tokens");
  EXPECT_EQ(field_of(R"({"max_tokens":-5})"), "max_tokens");
  EXPECT_EQ(field_of(R"({"max_output_tokens":5.5})"), "max_output_tokens");
  EXPECT_EQ(field_of(R"({"max_tokens":1e30})"), "max_tokens");
  EXPECT_EQ(field_of(R"({"n":100000})"), "n");
}

TEST(LookInside, ReadsEscapesInValues) {
  EXPECT_EQ(look(R"({"model":"cl\u0061ude\/\u00e4\ud83d\ude00"})")->model, "claude/ä😀");
}

TEST(LookInside, RefusesWhatIsNotOneObject) {
  for (const std::string_view body : {"",
                                      " ",
                                      "[]",
                                      "5",
                                      "null",
                                      "\"x\"",
                                      "{",
                                      "}",
                                      "{}{}",
                                      "{} x",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{,}",
                                      "{a:1}",
                                      "{\"a\":1 \"b\":2}",
                                      "{\"a\":[1 2]}",
                                      "{\"a\":[1,]}",
                                      "{\"a\":[,1]}",
                                      "{\"a\":[}",
                                      "{\"a\":[)]}",
                                      "{\"a\":tru}",
                                      "{\"a\":truex}",
                                      "{\"a\":01}",
                                      "{\"a\":1.}",
                                      "{\"a\":-}",
                                      "{\"a\":.5}",
                                      "{\"a\":+1}",
                                      "{\"a\":NaN}",
                                      "{\"a\":'x'}",
                                      "{\"a\":\"x}",
                                      "{\"a\":\"x\"y}",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"a\":1]",
                                      "{\"a\":{\"b\":1]}",
                                      "{\"a\"::1}",
                                      "\xEF\xBB\xBF{}",
                                      "{1:2}",
                                      "{\"a\":1,1:2}",
                                      "{\"a\":1,\"b\"}",
                                      "{\"a\" \"b\":1}",
                                      "{\"a\":1:2}"}) {
    EXPECT_EQ(code_of(body), "invalid_json") << body;
  }
  EXPECT_EQ(code_of(std::string_view("{\"a\":\0}", 7)), "invalid_json");
  EXPECT_EQ(code_of(std::string_view("{}\0", 3)), "invalid_json");
}

TEST(LookInside, BoundsTheDepth) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(code_of(nested(kJsonDepthMax)), "none");
  EXPECT_EQ(code_of(nested(kJsonDepthMax + 1)), "json_too_deep");
  EXPECT_EQ(code_of(nested(1'000'000)), "json_too_deep");
  EXPECT_EQ(code_of(std::string(1'000'000, '[')), "json_too_deep");
}

TEST(LookInside, TakesALargeBodyAndThenASmallOne) {
  const std::string large = R"({"messages":[")" + std::string(20'000'000, 'x') + R"("],"model":"m"})";
  EXPECT_EQ(look(large)->model, "m");
  EXPECT_EQ(look(R"({"model":"n"})")->model, "n");
}

TEST(JsonIndex, WalksObjectsAndArrays) {
  JsonIndex index;
  const std::string text =
      R"({ "a" : [1, "two", {"b":[]}, {}, null ] , "c" : {"d":{"e": -7 }}, "c2":true, "a":3 })";
  ASSERT_EQ(index.read(text), JsonFault::none);
  std::string keys;
  index.root().each_member([&](std::string_view key, JsonValue value) {
    keys += std::string(key) + "=" + std::string(value.raw()) + ";";
  });
  EXPECT_EQ(keys, R"(a=[1, "two", {"b":[]}, {}, null ];c={"d":{"e": -7 }};c2=true;a=3;)");
  EXPECT_EQ(index.root().find("a").integer(), 3);
  EXPECT_EQ(index.root().find("c").find("d").find("e").integer(), -7);
  EXPECT_FALSE(index.root().find("c").find("nowhere").find("e"));
  EXPECT_EQ(index.root().find("c2").boolean(), true);
  ASSERT_EQ(index.read("[ 1 , [2,3] , \"x\\ny\" ]"), JsonFault::none);
  std::string elements;
  index.root().each_element([&](JsonValue value) { elements += std::string(value.raw()) + ";"; });
  EXPECT_EQ(elements, "1;[2,3];\"x\\ny\";");
}

TEST(JsonIndex, CountsUnescapedBytes) {
  for (const std::string_view raw :
       {"", "abc", R"(a\nb)", R"(\u0041\u00e4\u20ac\ud83d\ude00)", R"(\"\\\/)"}) {
    std::string out;
    ASSERT_TRUE(unescape_json(raw, out));
    EXPECT_EQ(unescaped_bytes(raw), out.size()) << raw;
  }
  std::string out;
  for (const std::string_view raw :
       {R"(\x)", R"(\)", R"(\u12)", R"(\udc00)", R"(\ud800)", R"(\ud800\u0041)", R"(\u 123)", R"(\u-123)"}) {
    EXPECT_FALSE(unescape_json(raw, out)) << raw;
  }
}

TEST(LookInside, KeepsWhatSaysWhichConversationItIs) {
  JsonIndex index;
  const std::string body =
      R"({"model":"m","prompt_cache_key":"k\u00e4","previous_response_id":"resp_1","metadata":{"user_id":"u"}})";
  const auto facts = look_inside(body, index);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts.value().prompt_cache_key, "k\xc3\xa4");
  EXPECT_EQ(facts.value().previous_response_id, "resp_1");
  EXPECT_EQ(facts.value().user_id, "u");
  const auto odd =
      R"({"model":"m","prompt_cache_key":7,"previous_response_id":")" + std::string(4097, 'x') + "\"}";
  const auto none = look_inside(odd, index);
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(none.value().prompt_cache_key + none.value().previous_response_id, "");
}

}  // namespace look_inside_test
}  // namespace relay
