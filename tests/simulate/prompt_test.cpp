#include "simulate/prompt.h"

#include <gtest/gtest.h>

namespace relay::simulate {
namespace prompt_test {

class SimulatePrompt : public ::testing::Test {
 protected:
  JsonValue json(std::string text) {
    text_ = std::move(text);
    EXPECT_EQ(index_.read(text_), JsonFault::none) << text_;
    return index_.root();
  }
  Result<Prompt> messages(std::string text) { return read_messages(json(std::move(text)), cache_); }

  PrefixCache cache_;

 private:
  std::string text_;
  JsonIndex index_;
};

std::string padded(std::size_t bytes) { return std::string(bytes, 'p'); }

TEST_F(SimulatePrompt, TakesTheLastWordsOfTheUser) {
  const auto prompt = messages(R"({"model":"m","max_tokens":9,"stream":true,"messages":[
      {"role":"user","content":"one"},{"role":"assistant","content":"two"},
      {"role":"user","content":[{"type":"text","text":"three"},{"type":"text","text":"f\u00f6ur"}]},
      {"role":"system","content":"five"}]})");
  ASSERT_TRUE(prompt.has_value());
  EXPECT_EQ(prompt->text, "föur");
  EXPECT_EQ(prompt->tokens_max, 9);
  EXPECT_TRUE(prompt->stream);
  EXPECT_TRUE(prompt->tool.empty());
}

TEST_F(SimulatePrompt, RefusesInTheProvidersWords) {
  EXPECT_EQ(messages(R"({"model":"m","messages":[{"role":"user","content":"x"}]})").error().message(),
            "max_tokens: Field required");
  EXPECT_EQ(messages(R"({"max_tokens":1,"messages":[]})").error().message(), "model: Field required");
  EXPECT_EQ(messages(R"({"model":"m","max_tokens":"1","messages":[]})").error().message(),
            "max_tokens: Input should be a valid integer");
  EXPECT_EQ(messages(R"({"model":"m","max_tokens":1,"messages":[]})").error().message(),
            "messages: at least one message is required");
  EXPECT_EQ(messages("[1]").error().kind(), ErrorKind::validation);
  EXPECT_EQ(messages(R"({"model":"sim-unknown","max_tokens":1,"messages":[{"role":"user","content":"x"}]})")
                .error()
                .kind(),
            ErrorKind::not_found);
}

TEST_F(SimulatePrompt, CallsAToolThatIsOfferedAndWishedFor) {
  const auto ask = [this](const std::string& text, const std::string& rest) {
    return messages(R"({"model":"m","max_tokens":99,"tools":[{"name":"Bash"},{"name":"Read"}],)" + rest +
                    R"("messages":[{"role":"user","content":")" + text + R"("}]})");
  };
  const auto wished = ask(R"(please use tool Bash {\"command\":\"echo {hi}\"} now)", "");
  EXPECT_EQ(wished->tool, "Bash");
  EXPECT_EQ(wished->tool_input, R"({"command":"echo {hi}"})");
  EXPECT_EQ(ask("use tool Read", "")->tool_input, "{}");
  EXPECT_EQ(ask("use tool Write {}", "")->tool, "");
  EXPECT_EQ(ask("hello", R"("tool_choice":{"type":"tool","name":"Read"},)")->tool, "Read");
  EXPECT_EQ(ask("hello", R"("tool_choice":{"type":"any"},)")->tool, "Bash");
  EXPECT_EQ(ask("use tool Bash {}", R"("tool_choice":{"type":"none"},)")->tool, "");
}

TEST_F(SimulatePrompt, AnswersAToolsOutputWithText) {
  const auto prompt = messages(R"({"model":"m","max_tokens":99,"tools":[{"name":"Bash"}],"messages":[
      {"role":"user","content":"use tool Bash {}"},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"hi"}]}]}]})");
  EXPECT_EQ(prompt->tool_output, "hi");
  EXPECT_TRUE(prompt->tool.empty());
}

TEST_F(SimulatePrompt, WritesAPrefixToTheCacheOnceAndReadsItThen) {
  const auto turn = [](const std::string& ttl, const std::string& question) {
    return R"({"model":"m","max_tokens":9,"system":[{"type":"text","text":")" + padded(4000) +
           R"(","cache_control":{"type":"ephemeral")" + ttl +
           R"(}}],"messages":[{"role":"user","content":")" + question + R"("}]})";
  };
  const auto first = messages(turn("", "one"))->input;
  EXPECT_GT(first.cache_write_5m, 1000);
  EXPECT_EQ(first.cache_read, 0);
  EXPECT_EQ(first.cache_write_1h, 0);
  const auto second = messages(turn("", "two"))->input;
  EXPECT_EQ(second.cache_write(), 0);
  EXPECT_EQ(second.cache_read, first.cache_write_5m);

  cache_.clear();
  const auto hour = messages(turn(R"(,"ttl":"1h")", "three"))->input;
  EXPECT_EQ(hour.cache_write_5m, 0);
  EXPECT_EQ(hour.cache_write_1h, first.cache_write_5m + tokens_of(11));  // the mark has become longer
}

TEST_F(SimulatePrompt, FindsAPrefixAgainWhenTheMarkHasMovedOn) {
  const std::string block = R"({"type":"text","text":")" + padded(4000) + "\"";
  const std::string mark = R"(,"cache_control":{"type":"ephemeral"}})";
  const std::string start = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[)";
  ASSERT_TRUE(messages(start + block + mark + "]}]}").has_value());
  const auto next = messages(start + block + "}," + block + mark + "]}]}")->input;
  EXPECT_GT(next.cache_read, 1000);
  EXPECT_GT(next.cache_write_5m, 1000);
}

TEST_F(SimulatePrompt, SharesOutTheMarksOfOneRequest) {
  const auto block = [](const std::string& ttl) {
    return R"({"type":"text","text":")" + padded(4000) + R"(","cache_control":{"type":"ephemeral")" + ttl +
           "}}";
  };
  const auto ask = [&](const std::string& end) {
    return messages(R"({"model":"m","max_tokens":9,"system":[)" + block(R"(,"ttl":"1h")") + "]," +
                    R"("messages":[{"role":"user","content":[)" + block("") + end + "]}]}")
        ->input;
  };
  const auto first = ask("");
  EXPECT_GT(first.cache_write_1h, 1000);
  EXPECT_GT(first.cache_write_5m, 1000);
  EXPECT_EQ(first.cache_read, 0);
  // Both marks are known now, the earlier one too: nothing is written twice.
  const auto second = ask(R"(,{"type":"text","text":"go on"})");
  EXPECT_EQ(second.cache_write(), 0);
  EXPECT_GE(second.cache_read, first.cache_write() - 1);
  EXPECT_LE(second.cache_read, first.cache_write());
}

TEST_F(SimulatePrompt, CountsTheSameTokensForStreamAndCount) {
  const std::string rest = R"("messages":[{"role":"user","content":"how many?"}]})";
  const auto plain = messages(R"({"model":"m","max_tokens":9,)" + rest)->input.plain;
  EXPECT_EQ(messages(R"({"model":"m","max_tokens":9,"stream":true,)" + rest)->input.plain, plain);
  EXPECT_EQ(read_count_tokens(json(R"({"model":"m",)" + rest))->input.plain, plain);
}

TEST_F(SimulatePrompt, ReadsTheDialectsOfOpenai) {
  const auto chat = read_chat(json(R"({"model":"g","stream":true,"stream_options":{"include_usage":true},
      "max_completion_tokens":5,"messages":[{"role":"user","content":"hey"}]})"),
                              cache_);
  EXPECT_EQ(chat->text, "hey");
  EXPECT_TRUE(chat->include_usage);
  EXPECT_EQ(chat->tokens_max, 5);

  EXPECT_EQ(read_completions(json(R"({"model":"g","prompt":["once"]})"))->text, "once");

  const auto responses = read_responses(json(R"({"model":"g","input":[
      {"role":"user","content":[{"type":"input_text","text":"use tool shell {\"a\":1}"}]}],
      "tools":[{"type":"namespace","name":"x"},{"type":"function","name":"shell"}]})"),
                                        cache_);
  EXPECT_EQ(responses->tool, "shell");
  EXPECT_EQ(responses->tool_input, R"({"a":1})");

  const auto output = read_responses(json(R"({"model":"g","input":[{"role":"user","content":"x"},
      {"type":"function_call_output","call_id":"c","output":"42"}]})"),
                                     cache_);
  EXPECT_EQ(output->tool_output, "42");
  EXPECT_EQ(read_chat(json(R"({"model":"g","messages":[]})"), cache_).error().kind(), ErrorKind::validation);
}

}  // namespace prompt_test
}  // namespace relay::simulate
