#include "simulate/answer.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace relay::simulate {
namespace answer_test {

constexpr std::string_view kId = "0123456789abcdefghijkl";

Prompt a_prompt(std::string text, bool stream) {
  Prompt prompt;
  prompt.model = "claude-sonnet-5-5";
  prompt.text = std::move(text);
  prompt.stream = stream;
  prompt.include_usage = true;
  prompt.input = {.plain = 11, .cache_read = 22, .cache_write_5m = 33, .cache_write_1h = 44};
  return prompt;
}

Reply a_reply(Prompt prompt, const Shape& shape = {}) {
  return make_reply(std::move(prompt), shape, std::string(kId), 1'767'225'600);
}

struct Event {
  std::string name;
  std::string data;
};

std::vector<Event> events_of(EventStream& stream) {
  std::vector<Event> events;
  for (bool more = true; more;) {
    std::string text;
    more = stream.next(text);
    EXPECT_TRUE(text.ends_with("\n\n")) << text;
    EXPECT_EQ(text.find("\n\n"), text.size() - 2) << "more than one event: " << text;
    Event event;
    if (text.starts_with("event: ")) event.name = text.substr(7, text.find('\n') - 7);
    const auto data = text.find("data: ");
    EXPECT_NE(data, std::string::npos);
    event.data = text.substr(data + 6, text.size() - data - 8);
    JsonIndex index;
    if (event.data != "[DONE]") {
      EXPECT_EQ(index.read(event.data), JsonFault::none) << event.data;
    }
    events.push_back(std::move(event));
  }
  return events;
}

/// A member at the end of a path, as a string ("" when it is none) or as its bytes.
std::string at(const std::string& json, std::initializer_list<std::string_view> path, bool raw = false) {
  JsonIndex index;
  if (json == "[DONE]") return {};
  if (index.read(json) != JsonFault::none) return "not JSON";
  auto value = index.root();
  for (const auto key : path) {
    if (key == "0") {
      JsonValue first;
      value.each_element([&first](JsonValue element) { first = first ? first : element; });
      value = first;
    } else {
      value = value.find(key);
    }
  }
  std::string scratch;
  if (raw) return std::string(value.raw());
  return std::string(value.string(scratch).value_or(""));
}

TEST(SimulateAnswer, MessageSaysTheSameStreamedAndNot) {
  const auto json = messages_answer(a_reply(a_prompt("höre \"zu\"\n", false))).body;
  EXPECT_EQ(at(json, {"content", "0", "text"}), "You said: höre \"zu\"\n");
  EXPECT_EQ(at(json, {"id"}), "msg_01" + std::string(kId));

  const auto streamed = messages_answer(a_reply(a_prompt("höre \"zu\"\n", true)));
  std::string text;
  std::string usage;
  for (const auto& event : events_of(*streamed.stream)) {
    text += at(event.data, {"delta", "text"});
    if (event.name == "message_delta") usage = at(event.data, {"usage", "output_tokens"}, true);
  }
  EXPECT_EQ(text, at(json, {"content", "0", "text"}));
  EXPECT_EQ(usage, at(json, {"usage", "output_tokens"}, true));
}

TEST(SimulateAnswer, MessageHasItsEventsInOrder) {
  auto prompt = a_prompt("x", true);
  prompt.thinking = true;
  prompt.tool = "Bash";
  prompt.tool_input = R"({"command":"ls"})";
  const auto answer = messages_answer(a_reply(std::move(prompt)));
  std::vector<std::string> names;
  std::string input;
  for (const auto& event : events_of(*answer.stream)) {
    if (event.name != "content_block_delta" || names.back() != event.name) names.push_back(event.name);
    input += at(event.data, {"delta", "partial_json"});
  }
  EXPECT_EQ(names, (std::vector<std::string>{"message_start", "content_block_start", "content_block_delta",
                                             "content_block_stop", "content_block_start", "ping",
                                             "content_block_delta", "content_block_stop",
                                             "content_block_start", "content_block_delta",
                                             "content_block_stop", "message_delta", "message_stop"}));
  EXPECT_EQ(input, R"({"command":"ls"})");
}

TEST(SimulateAnswer, MessageReportsCacheUsageWithItsSplit) {
  const auto json = messages_answer(a_reply(a_prompt("x", false))).body;
  EXPECT_EQ(at(json, {"usage", "input_tokens"}, true), "11");
  EXPECT_EQ(at(json, {"usage", "cache_read_input_tokens"}, true), "22");
  EXPECT_EQ(at(json, {"usage", "cache_creation_input_tokens"}, true), "77");
  EXPECT_EQ(at(json, {"usage", "cache_creation", "ephemeral_1h_input_tokens"}, true), "44");
}

TEST(SimulateAnswer, StopsAtMaxTokens) {
  auto prompt = a_prompt("a long story", false);
  prompt.tokens_max = 3;
  const auto json = messages_answer(a_reply(std::move(prompt))).body;
  EXPECT_EQ(at(json, {"stop_reason"}), "max_tokens");
  EXPECT_EQ(at(json, {"usage", "output_tokens"}, true), "3");
  EXPECT_EQ(at(json, {"content", "0", "text"}), "You said: a ");
}

TEST(SimulateAnswer, HasExactlyTheSizeAndTheEventsAskedFor) {
  Shape shape;
  shape.size = 1024;
  EXPECT_EQ(messages_answer(a_reply(a_prompt("x", false), shape)).body.size(), 1024U);
  EXPECT_EQ(chat_answer(a_reply(a_prompt("x", false), shape)).body.size(), 1024U);
  shape.size.reset();
  shape.events = 100;
  const auto answer = messages_answer(a_reply(a_prompt("x", true), shape));
  int deltas = 0;
  for (const auto& event : events_of(*answer.stream)) deltas += event.name == "content_block_delta";
  EXPECT_EQ(deltas, 100);
}

TEST(SimulateAnswer, LeavesUsageOutWhenAsked) {
  Shape shape;
  shape.no_usage = true;
  EXPECT_EQ(at(messages_answer(a_reply(a_prompt("x", false), shape)).body, {"usage"}, true), "");
  const auto streamed = messages_answer(a_reply(a_prompt("x", true), shape));
  for (const auto& event : events_of(*streamed.stream))
    EXPECT_EQ(event.data.find("usage"), std::string::npos);
}

TEST(SimulateAnswer, ChatEndsWithUsageAndDone) {
  const auto answer = chat_answer(a_reply(a_prompt("x", true)));
  const auto events = events_of(*answer.stream);
  ASSERT_GE(events.size(), 4U);
  EXPECT_EQ(events.back().data, "[DONE]");
  const auto& usage = events[events.size() - 2].data;
  EXPECT_EQ(at(usage, {"choices"}, true), "[]");
  EXPECT_EQ(at(usage, {"usage", "prompt_tokens"}, true), "110");
  std::string text;
  for (const auto& event : events) text += at(event.data, {"choices", "0", "delta", "content"});
  EXPECT_EQ(text, "You said: x");
}

TEST(SimulateAnswer, ChatCallsATool) {
  auto prompt = a_prompt("x", false);
  prompt.tool = "shell";
  prompt.tool_input = R"({"a":1})";
  const auto json = chat_answer(a_reply(prompt)).body;
  EXPECT_EQ(at(json, {"choices", "0", "finish_reason"}), "tool_calls");
  EXPECT_EQ(at(json, {"choices", "0", "message", "tool_calls", "0", "function", "arguments"}), R"({"a":1})");
  prompt.stream = true;
  const auto streamed = chat_answer(a_reply(prompt));
  std::string arguments;
  for (const auto& event : events_of(*streamed.stream)) {
    arguments += at(event.data, {"choices", "0", "delta", "tool_calls", "0", "function", "arguments"});
  }
  EXPECT_EQ(arguments, R"({"a":1})");
}

TEST(SimulateAnswer, CompletionsStreamTheSameText) {
  const auto json = completions_answer(a_reply(a_prompt("x", false))).body;
  EXPECT_EQ(at(json, {"choices", "0", "text"}), "You said: x");
  const auto streamed = completions_answer(a_reply(a_prompt("x", true)));
  std::string text;
  for (const auto& event : events_of(*streamed.stream)) text += at(event.data, {"choices", "0", "text"});
  EXPECT_EQ(text, "You said: x");
}

TEST(SimulateAnswer, ResponsesHaveEveryEventAndNumberThem) {
  const auto answer = responses_answer(a_reply(a_prompt("x", true)));
  const auto events = events_of(*answer.stream);
  std::map<std::string, int> seen;
  int number = 0;
  for (const auto& event : events) {
    ++seen[event.name];
    EXPECT_EQ(at(event.data, {"type"}), event.name);
    EXPECT_EQ(at(event.data, {"sequence_number"}, true), std::to_string(number++));
  }
  for (const auto* name :
       {"response.created", "response.in_progress", "response.output_item.added",
        "response.content_part.added", "response.output_text.delta", "response.output_text.done",
        "response.content_part.done", "response.output_item.done", "response.completed"}) {
    EXPECT_EQ(seen[name], 1) << name;
  }
  const auto& last = events.back().data;
  EXPECT_EQ(at(last, {"response", "output", "0", "content", "0", "text"}), "You said: x");
  EXPECT_EQ(at(last, {"response", "usage", "input_tokens"}, true), "110");
}

TEST(SimulateAnswer, ModelsPageAsTheProviderDoes) {
  const auto first = models_answer(Dialect::anthropic, "limit=2", "req_1").body;
  EXPECT_EQ(at(first, {"has_more"}, true), "true");
  const auto next =
      models_answer(Dialect::anthropic, "limit=1000&after_id=" + at(first, {"last_id"}), "req_1").body;
  EXPECT_EQ(at(next, {"has_more"}, true), "false");
  EXPECT_NE(at(next, {"first_id"}), at(first, {"last_id"}));
  EXPECT_EQ(models_answer(Dialect::anthropic, "limit=0", "req_1").status, 400);
  EXPECT_EQ(at(models_answer(Dialect::openai, "", "req_1").body, {"object"}), "list");
  EXPECT_EQ(model_answer(Dialect::anthropic, "claude-opus-5-5", "req_1").status, 200);
  EXPECT_EQ(model_answer(Dialect::openai, "claude-opus-5-5", "req_1").status, 404);
}

TEST(SimulateAnswer, ErrorsHaveTheDialectsShape) {
  const auto anthropic = provider_error(Dialect::anthropic, 529, "", "", "req_9").body;
  EXPECT_EQ(at(anthropic, {"error", "type"}), "overloaded_error");
  EXPECT_EQ(at(anthropic, {"request_id"}), "req_9");
  const auto openai = provider_error(Dialect::openai, 429, "insufficient_quota", "", "req_9").body;
  EXPECT_EQ(at(openai, {"error", "code"}), "insufficient_quota");
  EXPECT_EQ(at(openai, {"error", "param"}, true), "null");
}

}  // namespace answer_test
}  // namespace relay::simulate
