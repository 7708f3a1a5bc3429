// Models without a price, by either policy.
#include "relay/relay_under_test.h"

namespace relay {
namespace pipeline_prices_test {

using test::BlockingSocket;

class PipelinePrices : public test::RelayUnderTest {
 protected:
  PipelinePrices() {
    const auto priced = [](const char* model, const char* provider) {
      ModelPrice line{.model = model, .provider = provider, .rates = {.input = 3'000'000}};
      line.rates.output = 15'000'000;
      return line;
    };
    prices_.replace(std::make_shared<const PriceTable>(
        std::vector{priced("claude-sonnet-*", "anthropic"), priced("gpt-6-sol", "openai")}));
  }
  void start_answering() {
    start([](BlockingSocket& provider, int) {
      while (!provider.receive_message().empty()) provider.send(test::answer_of(test::kMessageJson));
    });
  }
  std::string ask(std::string_view model, std::string_view path) {
    auto client = dial();
    client.send(request("", std::string(R"({"model":")").append(model).append("\"}"), path));
    return client.receive_message();
  }
};

TEST_F(PipelinePrices, BlockedModelsAreRefusedBeforeTheProviderHearsOfThem) {
  blocks_unknown_models_ = true;
  start_answering();
  const auto messages = ask("claude-unheard-of", "/v1/messages");
  EXPECT_EQ(messages.substr(0, 12), "HTTP/1.1 404") << messages;
  EXPECT_NE(messages.find("x-should-retry: false"), std::string::npos) << messages;
  EXPECT_NE(messages.find(R"("type":"not_found_error")"), std::string::npos) << messages;
  EXPECT_NE(messages.find("The model claude-unheard-of has no price"), std::string::npos) << messages;
  for (const auto* path : {"/v1/chat/completions", "/v1/completions", "/v1/responses"}) {
    const auto answer = ask("gpt-unheard-of", path);
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 404") << path;
    EXPECT_NE(answer.find(R"("code":"model_not_priced")"), std::string::npos) << answer;
    EXPECT_NE(answer.find("x-should-retry: false"), std::string::npos) << answer;
  }
  EXPECT_EQ(upstream_->connections(), 0);
  EXPECT_EQ(journal_->last_sequence(), 0) << "nothing was used";

  EXPECT_EQ(ask("claude-unheard-of", "/v1/messages/count_tokens").substr(0, 12), "HTTP/1.1 200")
      << "it is free";
  EXPECT_EQ(ask("claude-sonnet-4-5", "/v1/messages").substr(0, 12), "HTTP/1.1 200");
  const auto record = records(2).at(1);
  EXPECT_TRUE(record.priced);
  EXPECT_EQ(record.cost_nano_usd, 25 * 3'000 + 15 * 15'000);
  EXPECT_EQ(record.charge_nano_usd, record.cost_nano_usd);
}

TEST_F(PipelinePrices, AModelThatAnsweredInThePlaceOfAnotherIsRecordedAllTheSame) {
  blocks_unknown_models_ = true;
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(test::answer_of(
        R"({"id":"x","model":"gpt-other","usage":{"prompt_tokens":10,"completion_tokens":2}})"));
  });
  EXPECT_EQ(ask("gpt-6-sol", "/v1/chat/completions").substr(0, 12), "HTTP/1.1 200");
  const auto record = records(1).at(0);
  EXPECT_EQ(record.model, "gpt-other");
  EXPECT_EQ(record.requested_model, "gpt-6-sol");
  EXPECT_TRUE(record.priced) << "as what was asked for";
  EXPECT_EQ(record.cost_nano_usd, 10 * 3'000 + 2 * 15'000);
}

TEST_F(PipelinePrices, OtherwiseAModelWithoutAPriceIsRecordedAsUnpriced) {
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(test::answer_of(
        R"({"id":"x","model":"gpt-new","usage":{"prompt_tokens":10,"completion_tokens":2}})"));
  });
  EXPECT_EQ(ask("gpt-new", "/v1/chat/completions").substr(0, 12), "HTTP/1.1 200");
  const auto record = records(1).at(0);
  EXPECT_FALSE(record.priced);
  EXPECT_EQ(record.cost_nano_usd, 0);
  EXPECT_EQ(record.usage.input_tokens, 10);
}

}  // namespace pipeline_prices_test
}  // namespace relay
