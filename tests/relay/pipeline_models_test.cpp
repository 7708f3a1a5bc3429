// Lists of models over both providers, tokens counted for the other provider's model, and embeddings.
#include "relay/relay_under_test.h"

namespace relay {
namespace pipeline_models_test {

using test::BlockingSocket;

constexpr std::string_view kClaudes =
    R"({"data":[{"type":"model","id":"claude-a","display_name":"A","created_at":"2026-02-04T00:00:00Z"},{"type":"model","id":"claude-b","display_name":"B","created_at":"2026-02-05T00:00:00Z","new":1}],"has_more":false,"first_id":"claude-a","last_id":"claude-b"})";
constexpr std::string_view kGpts =
    R"({"object":"list","data":[{"id":"gpt-a","object":"model","created":1770163200,"owned_by":"openai"},{"id":"whisper","object":"model","created":1,"owned_by":"openai"}]})";
constexpr std::string_view kGptAsClaude =
    R"({"type":"model","id":"gpt-a","display_name":"gpt-a","created_at":"2026-02-04T00:00:00Z"})";

bool is_for_anthropic(const std::string& seen) {
  return seen.find("x-api-key: sk-ant-up\r\n") != std::string::npos;
}

class PipelineModels : public test::RelayUnderTest {
 protected:
  void start_both() {
    start([this](BlockingSocket& provider, int) {
      for (auto seen = provider.receive_message(); !seen.empty(); seen = provider.receive_message()) {
        const bool is_anthropic = is_for_anthropic(seen);
        (is_anthropic ? anthropic_asked_ : openai_asked_) += seen.substr(0, seen.find(" HTTP")) + ";";
        if (is_anthropic && anthropic_is_away_) return provider.reset();
        provider.send(test::answer_of(std::string(is_anthropic ? kClaudes : kGpts)));
      }
    });
  }
  std::string get(std::string_view path, bool as_anthropic) const {
    return std::string("GET ").append(path).append(" HTTP/1.1\r\nhost: relay\r\nx-api-key: ") +
           std::string(secret_.text()) +
           (as_anthropic ? "\r\nanthropic-version: 2026-10-21\r\n\r\n" : "\r\n\r\n");
  }
  std::string body_for(std::string_view path, bool as_anthropic) {
    auto client = dial();
    client.send(get(path, as_anthropic));
    return body_of(client.receive_message());
  }

  std::string anthropic_asked_;
  std::string openai_asked_;
  std::atomic<bool> anthropic_is_away_{false};
};

TEST_F(PipelineModels, OfBothProvidersStandInTheCallersShape) {
  start_both();
  const std::string claudes(kClaudes.substr(9, kClaudes.find("],\"has_more") - 9));
  EXPECT_EQ(body_for("/v1/models", true),
            R"({"data":[)" + claudes + "," + std::string(kGptAsClaude) +
                R"(],"has_more":false,"first_id":"claude-a","last_id":"gpt-a"})");
  EXPECT_EQ(
      body_for("/v1/models", false),
      R"({"object":"list","data":[{"id":"gpt-a","object":"model","created":1770163200,"owned_by":"openai"},{"id":"whisper","object":"model","created":1,"owned_by":"openai"},)"
      R"({"id":"claude-a","object":"model","created":1770163200,"owned_by":"anthropic"},{"id":"claude-b","object":"model","created":1770249600,"owned_by":"anthropic"}]})");
  EXPECT_EQ(anthropic_asked_, "GET /v1/models?limit=1000;") << "once, and not page by page";
  EXPECT_EQ(openai_asked_, "GET /v1/models;");
  EXPECT_EQ(body_for("/v1/models?limit=1&after_id=claude-b", true),
            R"({"data":[)" + std::string(kGptAsClaude) +
                R"(],"has_more":false,"first_id":"gpt-a","last_id":"gpt-a"})");
  EXPECT_NE(body_for("/v1/models?limit=0", true).find("limit: must be"), std::string::npos);
  EXPECT_EQ(journal_->last_sequence(), 0) << "no attempt to use a model";
}

TEST_F(PipelineModels, OfAnAccountThatIsAwayDoNotHideTheOthers) {
  anthropic_is_away_ = true;
  start_both();
  EXPECT_EQ(body_for("/v1/models", true), R"({"data":[)" + std::string(kGptAsClaude) +
                                              R"(],"has_more":false,"first_id":"gpt-a","last_id":"gpt-a"})");
}

TEST_F(PipelineModels, AreOnlyThoseThatTheKeyMayUse) {
  access_.models = ModelPatterns::parse({"claude-b", "gpt-a", "whisper"}).value();
  access_.permissions = Permissions::only(Permission::codex);
  start_both();
  EXPECT_EQ(body_for("/v1/models", true), R"({"data":[)" + std::string(kGptAsClaude) +
                                              R"(],"has_more":false,"first_id":"gpt-a","last_id":"gpt-a"})");
  EXPECT_EQ(anthropic_asked_, "");
  EXPECT_NE(body_for("/v1/models/claude-b", true).find("not_found_error"), std::string::npos);
  EXPECT_NE(body_for("/v1/models/gpt-b", false).find("model_not_found"), std::string::npos);
}

TEST_F(PipelineModels, OneOfThemIsAskedOfTheProviderThatHasIt) {
  std::string seen;
  start([&seen](BlockingSocket& provider, int) {
    for (auto asked = provider.receive_message(); !asked.empty(); asked = provider.receive_message()) {
      seen = asked;
      const bool is_there = asked.find("claude-none") == std::string::npos;
      provider.send(
          is_there
              ? test::answer_of(
                    R"({"type":"model","id":"claude-a","display_name":"A","created_at":"2026-02-04T00:00:00Z"})")
              : "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    }
  });
  EXPECT_EQ(body_for("/v1/models/claude-a", false),
            R"({"id":"claude-a","object":"model","created":1770163200,"owned_by":"anthropic"})");
  EXPECT_EQ(seen.find("GET /v1/models/claude-a HTTP/1.1\r\n"), 0U);
  EXPECT_NE(seen.find("anthropic-version: 2023-06-01\r\n"), std::string::npos);
  EXPECT_NE(body_for("/v1/models/claude-none", false).find(R"("code":"model_not_found")"), std::string::npos);
}

constexpr std::string_view kCount =
    R"({"model":"gpt-6-sol","messages":[{"role":"user","content":"hello over there"}]})";

TEST_F(PipelineModels, TokensOfTheOtherProvidersAreCountedWhereItCan) {
  std::string seen;
  start([&seen](BlockingSocket& provider, int) {
    seen = provider.receive_message();
    provider.send(test::answer_of(R"({"object":"response.input_tokens","input_tokens":12})"));
  });
  auto client = dial();
  client.send(request("", kCount, "/v1/messages/count_tokens?beta=true"));
  const auto answer = client.receive_message();
  EXPECT_EQ(body_of(answer), R"({"input_tokens":12})");
  EXPECT_EQ(answer.find("x-relay-estimated"), std::string::npos);
  EXPECT_EQ(seen.find("POST /v1/responses/input_tokens HTTP/1.1\r\n"), 0U) << seen;
  EXPECT_EQ(body_of(seen).find("store"), std::string::npos) << seen;
  const auto record = records(1).at(0);
  EXPECT_EQ(record.usage, Usage());
  EXPECT_EQ(record.cost_nano_usd, 0);
}

TEST_F(PipelineModels, TokensThatNobodyCountsAreEstimatedAndMarked) {
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}");
  });
  auto client = dial();
  client.send(request("", kCount, "/v1/messages/count_tokens"));
  const auto answer = client.receive_message();
  // role user content, hello over there: 31 bytes, and 4 for the message.
  EXPECT_EQ(body_of(answer), R"({"input_tokens":12})");
  EXPECT_NE(answer.find("x-relay-estimated: true\r\n"), std::string::npos);
  EXPECT_EQ(journal_->last_sequence(), 0);
}

TEST_F(PipelineModels, TokensAreEstimatedWithoutACallWhereTheUpstreamHasOnlyChat) {
  openai_dialect_ = WireDialect::openai_chat;
  start([](BlockingSocket&, int) {});
  auto client = dial();
  client.send(request("", kCount, "/v1/messages/count_tokens"));
  EXPECT_EQ(body_of(client.receive_message()), R"({"input_tokens":12})");
  std::string large(kCount);
  large.insert(large.find("hello"), std::string(400'000, 'w'));
  client.send(request("", large, "/v1/messages/count_tokens"));
  EXPECT_EQ(body_of(client.receive_message()), R"({"input_tokens":100012})");
  EXPECT_EQ(upstream_->connections(), 0);
}

TEST_F(PipelineModels, EmbeddingsAreBilledByWhatStandsBehindTheVectors) {
  prices_.replace(std::make_shared<const PriceTable>(std::vector<ModelPrice>{
      {.model = "text-embedding-3-small", .provider = "openai", .rates = {.input = 20'000}}}));
  const auto answer =
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":")" +
      std::string(3'000'000, 'A') +
      R"("}],"model":"text-embedding-3-small","usage":{"prompt_tokens":1234,"total_tokens":1234}})";
  start([&answer](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(test::answer_of(answer));
    provider.receive_message();
    provider.send(test::answer_of(answer).substr(0, 900'000));
  });
  constexpr std::string_view kBody = R"({"model":"text-embedding-3-small","input":"hello"})";
  auto client = dial();
  client.send(request("", kBody, "/openai/v1/embeddings"));
  EXPECT_EQ(body_of(client.receive_message()), answer);
  client.send(request("", kBody, "/v1/embeddings"));
  client.receive_all();
  const auto all = records(2);
  EXPECT_EQ(all.at(0).usage, Usage{.input_tokens = 1234});
  EXPECT_EQ(all.at(0).cost_nano_usd, 24'680) << "1,234 at 20 nano-dollars";
  EXPECT_FALSE(all.at(0).estimated);
  EXPECT_EQ(all.at(0).dialect, WireDialect::openai_embeddings);
  EXPECT_EQ(all.at(1).usage, Usage{.input_tokens = 12})
      << "50 bytes of the request: 12 tokens, none of them output";
  EXPECT_TRUE(all.at(1).estimated);
}

TEST_F(PipelineModels, AStreamIsNotAskedForItsUsageWhereThatIsRefused) {
  streams_usage_ = false;
  openai_dialect_ = WireDialect::openai_chat;
  std::string seen;
  start([&seen](BlockingSocket& provider, int) {
    const auto event = [](std::string_view delta, std::string_view reason) {
      return std::string(
                 R"(data: {"id":"c","object":"chat.completion.chunk","model":"gpt-6-sol","choices":[{"index":0,"delta":)") +
             std::string(delta) + R"(,"finish_reason":)" + std::string(reason) + "}]}\n\n";
    };
    for (int i = 0; i < 2; ++i) {
      seen = provider.receive_message();
      provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                    test::chunk_of(event(R"({"content":"Hello, you."})", "null") + event("{}", R"("stop")") +
                                   "data: [DONE]\n\n") +
                    "0\r\n\r\n");
    }
  });
  constexpr std::string_view kBody =
      R"({"model":"gpt-6-sol","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
  auto client = dial();
  for (const char* path : {"/v1/chat/completions", "/v1/messages"}) {
    client.send(request("", kBody, path));
    EXPECT_NE(client.receive_until("0\r\n\r\n").find("Hello, you."), std::string::npos) << path;
    EXPECT_EQ(seen.find("POST /v1/chat/completions"), 0U);
    EXPECT_EQ(seen.find("stream_options"), std::string::npos) << seen;
  }
  for (const auto& record : records(2)) {
    EXPECT_TRUE(record.estimated);
    EXPECT_EQ(record.usage.output_tokens, 3) << "11 bytes";
    EXPECT_EQ(record.outcome, AttemptOutcome::completed);
  }
}

}  // namespace pipeline_models_test
}  // namespace relay
