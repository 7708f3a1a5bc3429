// Compressed requests, and the usage of streams whose client did not ask for it.
#include "relay/relay_under_test.h"

#include <zstd.h>

namespace relay {
namespace pipeline_encodings_test {

using namespace std::chrono_literals;
using test::BlockingSocket;
using test::chunk_of;

class PipelineEncodings : public test::RelayUnderTest {
 protected:
  void start_seeing(std::string answer) {
    start([this, answer = std::move(answer)](BlockingSocket& provider, int) {
      seen_ = provider.receive_message();
      provider.send(answer);
      provider.receive(50ms);
    });
  }
  std::string chat(std::string_view body, std::string_view more_head = "") {
    return request(more_head, body, "/v1/chat/completions");
  }
  std::string seen_;
};

std::string zstd(std::string_view plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
  return out;
}

constexpr std::string_view kHi =
    "data: "
    "{\"id\":\"c_1\",\"model\":\"gpt-5.4\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}],"
    "\"usage\":null}\n\n";
constexpr std::string_view kUsage =
    "data: "
    "{\"id\":\"c_1\",\"model\":\"gpt-5.4\",\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_"
    "tokens\":500}}\n\n";
constexpr std::string_view kDone = "data: [DONE]\n\n";

std::string chat_stream() {
  return std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" + chunk_of(kHi) +
         chunk_of(kUsage) + chunk_of(kDone) + "0\r\n\r\n";
}

TEST_F(PipelineEncodings, ACompressedRequestIsLookedIntoAndGoesOnAsItCame) {
  const auto packed = zstd(R"({"model":"claude-sonnet-4-5","messages":[]})");
  start_seeing(test::answer_of(test::kMessageJson));
  auto client = dial();
  client.send(request("content-encoding: zstd\r\n", packed));
  EXPECT_EQ(body_of(client.receive_message()), test::kMessageJson);
  EXPECT_EQ(body_of(seen_), packed);
  EXPECT_NE(seen_.find("content-encoding: zstd\r\n"), std::string::npos);
  EXPECT_EQ(records(1).at(0).requested_model, "claude-sonnet-4-5");
}

TEST_F(PipelineEncodings, ACompressedRequestIsHeldToTheKeysModels) {
  access_.models = ModelPatterns::parse({"claude-haiku*"}).value();
  start_seeing(test::answer_of(test::kMessageJson));
  auto client = dial();
  client.send(request("content-encoding: zstd\r\n", zstd(R"({"model":"claude-sonnet-4-5"})")));
  EXPECT_EQ(client.receive_message().substr(9, 3), "403");
}

TEST_F(PipelineEncodings, ACodingThatNobodyKnowsIs415AndADamagedBody400) {
  start_seeing(test::answer_of(test::kMessageJson));
  auto client = dial();
  client.send(request("content-encoding: compress\r\n", "{}"));
  const auto unknown = client.receive_message();
  EXPECT_EQ(unknown.substr(9, 3), "415");
  EXPECT_NE(unknown.find("gzip, deflate, br, zstd"), std::string::npos);
  auto other = dial();
  other.send(request("content-encoding: zstd\r\n", R"({"model":"claude-sonnet-4-5"})"));
  EXPECT_EQ(other.receive_message().substr(9, 3), "400");
}

TEST_F(PipelineEncodings, AStreamIsAskedForInPlain) {
  start_seeing(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
               chunk_of(test::joined(test::message_events())) + "0\r\n\r\n");
  auto client = dial();
  client.send(request("accept-encoding: gzip, br\r\n"));
  client.receive_until("\r\n0\r\n\r\n");
  EXPECT_NE(seen_.find("accept-encoding: identity\r\n"), std::string::npos);
}

TEST_F(PipelineEncodings, UsageIsAskedForAndItsChunkWithheld) {
  start_seeing(chat_stream());
  auto client = dial();
  client.send(chat(R"({ "model":"gpt-5.4","stream":true,"messages":[]})"));
  const auto answer = client.receive_until("0\r\n\r\n");
  EXPECT_EQ(body_of(seen_),
            R"({"stream_options":{"include_usage":true}, "model":"gpt-5.4","stream":true,"messages":[]})");
  EXPECT_NE(answer.find(kHi), std::string::npos);
  EXPECT_NE(answer.find(kDone), std::string::npos);
  EXPECT_EQ(answer.find("prompt_tokens"), std::string::npos);
  const auto record = records(1).at(0);
  EXPECT_EQ(record.usage.input_tokens, 1000);
  EXPECT_EQ(record.usage.output_tokens, 500);
  EXPECT_FALSE(record.estimated);
}

TEST_F(PipelineEncodings, WhoAsksForUsageGetsTheStreamAsItIs) {
  const std::string body = R"({"model":"gpt-5.4","stream":true,"stream_options":{"include_usage":true}})";
  start_seeing(chat_stream());
  auto client = dial();
  client.send(chat(body));
  const auto answer = client.receive_until("\r\n0\r\n\r\n");
  EXPECT_EQ(body_of(seen_), body);
  EXPECT_NE(answer.find(chunk_of(kUsage)), std::string::npos);
}

TEST_F(PipelineEncodings, OtherStreamOptionsStay) {
  struct Case {
    std::string_view given, sent;
  };
  for (
      const auto& [given, sent] : {
          Case{R"({"model":"gpt-5.4","stream":true,"stream_options":{}})",
               R"({"model":"gpt-5.4","stream":true,"stream_options":{"include_usage":true}})"},
          Case{R"({"model":"gpt-5.4","stream_options":null,"stream":true})",
               R"({"model":"gpt-5.4","stream_options":{"include_usage":true},"stream":true})"},
          Case{R"({"model":"gpt-5.4","stream":true,"stream_options":{"include_usage":false,"x":1}})",
               R"({"model":"gpt-5.4","stream":true,"stream_options":{"include_usage":true,"x":1}})"},
          Case{
              R"({"model":"gpt-5.4","stream":true,"stream_options":{"include_obfuscation":false}})",
              R"({"model":"gpt-5.4","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}})"},
          Case{R"({"model":"gpt-5.4","stream":true,"stream_options":7})",
               R"({"model":"gpt-5.4","stream":true,"stream_options":7})"},
      }) {
    JsonIndex json;
    const auto edited = edited_body(given, "", true, json);
    EXPECT_EQ(edited ? edited->body : given, sent);
    EXPECT_EQ(edited && edited->asks_for_usage, given != sent);
  }
}

TEST(EditedBody, HasAnotherModelAndAsksForUsageAtOnce) {
  JsonIndex json;
  for (const auto& [given, sent] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {R"({ "model" : "fast","stream":true})",
            R"({"stream_options":{"include_usage":true}, "model" : "gpt-\"5\"","stream":true})"},
           {R"({"model":"fast","stream_options":null})",
            R"({"model":"gpt-\"5\"","stream_options":{"include_usage":true}})"},
           {R"({"stream_options":{"x":1},"model":"fast"})",
            R"({"stream_options":{"include_usage":true,"x":1},"model":"gpt-\"5\""})"}}) {
    const auto edited = edited_body(given, "gpt-\"5\"", true, json);
    ASSERT_TRUE(edited) << given;
    EXPECT_EQ(edited->body, sent);
    EXPECT_TRUE(edited->asks_for_usage);
  }
  const auto named = edited_body(R"({"model":"fast","stream_options":7})", "gpt", true, json);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->body, R"({"model":"gpt","stream_options":7})");
  EXPECT_FALSE(named->asks_for_usage);
  EXPECT_FALSE(edited_body(R"({"model":"fast"})", "", false, json));
  EXPECT_FALSE(edited_body(R"({"model":)", "gpt", true, json));
}

TEST_F(PipelineEncodings, ACompressedChatStreamGoesOnInPlain) {
  start_seeing(chat_stream());
  auto client = dial();
  client.send(chat(zstd(R"({"model":"gpt-5.4","stream":true})"), "content-encoding: zstd\r\n"));
  client.receive_until("0\r\n\r\n");
  EXPECT_EQ(body_of(seen_), R"({"stream_options":{"include_usage":true},"model":"gpt-5.4","stream":true})");
  EXPECT_EQ(seen_.find("content-encoding"), std::string::npos);
  EXPECT_EQ(records(1).at(0).usage.output_tokens, 500);
}

}  // namespace pipeline_encodings_test
}  // namespace relay
