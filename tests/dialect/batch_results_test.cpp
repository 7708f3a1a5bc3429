#include "dialect/batch_results.h"

#include <gtest/gtest.h>

#include <vector>

namespace relay {
namespace batch_results_test {

constexpr std::string_view kMessages =
    R"({"custom_id":"one","result":{"type":"succeeded","message":{"id":"msg_1","type":"message","model":"claude-sonnet-5-5","content":[{"type":"text","text":"a\n\"b\""}],"usage":{"input_tokens":25,"cache_read_input_tokens":10,"cache_creation_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":3},"output_tokens":15,"service_tier":"batch","server_tool_use":{"web_search_requests":2}}}}}
{"custom_id":"two","result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error","message":"no"}}}}
{"custom_id":"three","result":{"type":"expired"}}

not JSON
{"result":{"type":"succeeded","message":{"id":"msg_4","type":"message","model":"claude-opus-5-5","content":[],"usage":{"input_tokens":1,"output_tokens":2}}},"custom_id":"f\u006fur"})";

constexpr std::string_view kOutputs =
    R"({"id":"batch_req_1","custom_id":"chat","response":{"status_code":200,"request_id":"req_1","body":{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-5.5","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":40},"completion_tokens_details":{"reasoning_tokens":8}}}},"error":null}
{"id":"batch_req_2","custom_id":"response","response":{"status_code":200,"request_id":"req_2","body":{"id":"resp_2","object":"response","status":"completed","model":"gpt-5.5","output":[],"usage":{"input_tokens":9,"output_tokens":3}}},"error":null}
{"id":"batch_req_3","custom_id":"embedding","response":{"status_code":200,"request_id":"req_3","body":{"object":"list","data":[],"model":"text-embedding-3-small","usage":{"prompt_tokens":6,"total_tokens":6}}},"error":null}
{"id":"batch_req_4","custom_id":"refused","response":{"status_code":429,"request_id":"req_4","body":{"error":{"message":"no"}}},"error":null}
{"id":"batch_req_5","custom_id":"failed","response":null,"error":{"code":"batch_expired","message":"late"}}
)";

std::vector<BatchResult> read(std::string_view text, std::size_t piece_bytes) {
  JsonIndex json;
  std::vector<BatchResult> found;
  BatchResultLines lines(json, [&found](const BatchResult& result) { found.push_back(result); });
  for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
    const std::string piece(text.substr(at, piece_bytes));
    lines.feed(piece);
  }
  lines.end();
  EXPECT_FALSE(lines.skipped());
  return found;
}

TEST(BatchResultLines, ReadWhatAMessageBatchUsedInEverySplitting) {
  for (std::size_t piece = 1; piece <= kMessages.size(); ++piece) {
    const auto found = read(kMessages, piece);
    ASSERT_EQ(found.size(), 2U) << piece;
    EXPECT_EQ(found[0].custom_id, "one");
    EXPECT_EQ(found[0].dialect, WireDialect::anthropic_messages);
    EXPECT_EQ(found[0].facts.message_id, "msg_1");
    EXPECT_EQ(found[0].facts.model, "claude-sonnet-5-5");
    EXPECT_EQ(found[0].facts.usage, (Usage{.input_tokens = 25,
                                           .cache_write_5m_tokens = 4,
                                           .cache_write_1h_tokens = 3,
                                           .cache_read_tokens = 10,
                                           .output_tokens = 15,
                                           .web_search_requests = 2}));
    EXPECT_FALSE(found[0].facts.estimated);
    EXPECT_EQ(found[1].custom_id, "four");
    EXPECT_EQ(found[1].facts.usage, (Usage{.input_tokens = 1, .output_tokens = 2}));
  }
}

TEST(BatchResultLines, ReadWhatABatchOfOpenAiUsed) {
  const auto found = read(kOutputs, kOutputs.size());
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].custom_id, "chat");
  EXPECT_EQ(found[0].dialect, WireDialect::openai_chat);
  EXPECT_EQ(found[0].upstream_request_id, "req_1");
  EXPECT_EQ(found[0].facts.usage,
            (Usage{.input_tokens = 60, .cache_read_tokens = 40, .output_tokens = 20, .reasoning_tokens = 8}));
  EXPECT_EQ(found[1].dialect, WireDialect::openai_responses);
  EXPECT_EQ(found[1].facts.usage, (Usage{.input_tokens = 9, .output_tokens = 3}));
  EXPECT_EQ(found[2].facts.usage, (Usage{.input_tokens = 6}));
  EXPECT_FALSE(found[2].facts.estimated) << "an embedding has no output to be estimated";
  EXPECT_EQ(read(kOutputs, 1).size(), 3U);
}

TEST(BatchResultLines, SayWhenALineWasTooLongToBeRead) {
  JsonIndex json;
  int count = 0;
  BatchResultLines lines(json, [&count](const BatchResult&) { ++count; });
  const std::string megabyte(1024 * 1024, 'x');
  for (int i = 0; i < 33; ++i) lines.feed(megabyte);
  lines.feed("\n");
  lines.feed(kOutputs.substr(0, kOutputs.find('\n') + 1));
  lines.end();
  EXPECT_TRUE(lines.skipped());
  EXPECT_EQ(count, 1) << "what is behind it is read";
}

}  // namespace batch_results_test
}  // namespace relay
