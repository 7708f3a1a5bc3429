// Limits and budgets as a client meets them.
#include "fakes/await.h"
#include "relay/relay_under_test.h"

namespace relay::test {
namespace pipeline_limits_test {

using namespace std::chrono_literals;

class PipelineLimits : public RelayUnderTest {
 protected:
  PipelineLimits() {
    // One dollar a million tokens in, ten out.
    ModelPrice price{.model = "claude-sonnet-4-5", .provider = "anthropic"};
    price.rates.input = 1'000'000;
    price.rates.output = 10'000'000;
    std::vector<ModelPrice> lines{price};
    price.model = "gpt-5";
    price.provider = "openai";
    lines.push_back(price);
    prices_.replace(std::make_shared<const PriceTable>(lines));
  }
  void start_answering() {
    start([](BlockingSocket& provider, int) {
      while (!provider.receive_message().empty()) provider.send(answer_of(kMessageJson));
    });
  }
  std::string call(std::string_view body = R"({"model":"claude-sonnet-4-5","max_tokens":100})",
                   std::string_view path = "/v1/messages") {
    auto client = dial();
    client.send(request("", body, path));
    return client.receive_message();
  }
  static bool has(const std::string& answer, std::string_view text) {
    return answer.find(text) != std::string::npos;
  }
};

TEST_F(PipelineLimits, TokensAreHeldBeforeAndCountedBehindTheCall) {
  access_.limits.tokens_per_day = 1'000;
  start_answering();
  const auto first = call();
  EXPECT_TRUE(has(first, "HTTP/1.1 200"));
  EXPECT_TRUE(has(first, "anthropic-ratelimit-tokens-limit: 1000\r\n")) << first;
  // 46 bytes of body and 100 tokens of output.
  EXPECT_TRUE(has(first, "anthropic-ratelimit-tokens-remaining: 884\r\n")) << first;
  EXPECT_TRUE(has(first, "anthropic-ratelimit-tokens-reset: 2026-01-02T00:00:00.000Z\r\n"));
  // 25 in, 15 out; the 10 that were read from the cache do not count: 40 used, 116 held.
  EXPECT_TRUE(has(call(), "anthropic-ratelimit-tokens-remaining: 844\r\n"));
}

TEST_F(PipelineLimits, ARefusedCallNamesItsLimitAndTakesNothingOfOthers) {
  access_.limits.requests_per_minute = 5;
  access_.limits.requests_per_day = 1;
  start_answering();
  EXPECT_TRUE(has(call(), "HTTP/1.1 200"));
  const auto refused = call();
  EXPECT_TRUE(has(refused, "HTTP/1.1 429")) << refused;
  EXPECT_TRUE(has(refused, "This API key's limit of 1 requests per day is reached")) << refused;
  EXPECT_TRUE(has(refused, "Retry-After: 86400\r\n")) << refused;
  EXPECT_TRUE(has(refused, "anthropic-ratelimit-requests-remaining: 0\r\n"));
  clock_.advance(24h);
  EXPECT_TRUE(has(call(), "anthropic-ratelimit-requests-remaining: 0\r\n")) << "one of one a day";
  for (int i = 0; i < 10; ++i) call();
  EXPECT_EQ(rates_.try_take("key_1", 5, clock_.steady_now())->remaining, 3)
      << "what a later limit refused is given back";
}

TEST_F(PipelineLimits, TheLimitsOfAUserAreOverAllKeys) {
  access_.limits.requests_per_day = 3;
  access_.user_limits.requests_per_day = 2;
  access_.plan_limits.requests_per_day = 7;
  start_answering();
  const auto first = call();
  EXPECT_TRUE(has(first, "anthropic-ratelimit-requests-remaining: 1\r\n")) << first;
  call();
  const auto refused = call();
  EXPECT_TRUE(has(refused, "Your account's limit of 2 requests per day is reached")) << refused;
}

TEST_F(PipelineLimits, TheTokensOfAPlansMonthAreOverAllKeysOfTheUser) {
  access_.tokens_per_month = 40;  // what one call uses
  start_answering();
  const auto first = call();
  EXPECT_TRUE(has(first, "HTTP/1.1 200"));
  EXPECT_TRUE(has(first, "anthropic-ratelimit-tokens-limit: 40\r\n")) << first;
  EXPECT_TRUE(has(first, "anthropic-ratelimit-tokens-reset: 2026-02-01T00:00:00.000Z\r\n")) << first;
  const auto refused = call();
  EXPECT_TRUE(has(refused, "HTTP/1.1 429")) << refused;
  EXPECT_TRUE(has(refused, "Your plan's limit of 40 tokens per month is reached")) << refused;
  EXPECT_TRUE(has(refused, "Retry-After: 86400\r\n")) << "a day at most, as all of them";
  clock_.advance(31 * 24h);
  EXPECT_TRUE(has(call(), "HTTP/1.1 200"));
}

TEST_F(PipelineLimits, ASpentBudgetIs402AndNamesTheWindowAndWhenItOpens) {
  access_.budget.daily = 175'000;  // what one call costs: 25 and 15 tokens
  start_answering();
  EXPECT_TRUE(has(call(), "HTTP/1.1 200"));
  const auto refused = call();
  EXPECT_TRUE(has(refused, "HTTP/1.1 402")) << refused;
  EXPECT_TRUE(has(refused, R"("type":"billing_error")")) << refused;
  EXPECT_TRUE(
      has(refused, "daily budget of 0.000175 USD is spent; it opens again at 2026-01-02T00:00:00.000Z"))
      << refused;
  EXPECT_TRUE(has(refused, "x-should-retry: false\r\n"));
  EXPECT_TRUE(has(refused, "Retry-After: 86400\r\n"));
  const auto by_openai = call(R"({"model":"gpt-5","messages":[]})", "/v1/chat/completions");
  EXPECT_TRUE(has(by_openai, "HTTP/1.1 402")) << by_openai;
  EXPECT_TRUE(has(by_openai, R"("code":"insufficient_quota")")) << by_openai;
  EXPECT_EQ(records(1).size(), 1U);
  clock_.advance(24h);
  EXPECT_TRUE(has(call(), "HTTP/1.1 200"));
}

TEST_F(PipelineLimits, ABudgetBeginsAtItsResetTimeInTheUsersZone) {
  access_.timezone = "Asia/Tokyo";  // it is 09:00 there
  access_.budget.daily = 0;
  access_.budget.reset_minute = 6 * 60;
  start_answering();
  EXPECT_TRUE(has(call(), "opens again at 2026-01-01T21:00:00.000Z"));
}

TEST_F(PipelineLimits, WhatRunningCallsHoldIsNotSpent) {
  access_.budget.daily = 10'000;
  std::atomic<bool> go{false};
  start([&go](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) {
      while (!go) std::this_thread::sleep_for(2ms);
      provider.send(answer_of(kMessageJson));
    }
  });
  auto first = dial();
  first.send(request("", R"({"model":"claude-sonnet-4-5","max_tokens":100})"));
  for (int i = 0; i < 400 && upstream_->connections() == 0; ++i) std::this_thread::sleep_for(5ms);
  const auto refused = call();
  EXPECT_TRUE(has(refused, "HTTP/1.1 402")) << refused;
  EXPECT_TRUE(has(refused, "is held by calls that are running")) << refused;
  EXPECT_TRUE(has(refused, "x-should-retry: true\r\n"));
  EXPECT_TRUE(has(refused, "Retry-After: 1\r\n"));
  go = true;
  EXPECT_TRUE(has(first.receive_message(), "HTTP/1.1 200"));
}

TEST_F(PipelineLimits, ASoftBudgetRefusesNothingAndSaysSo) {
  access_.budget.daily = 1;
  access_.budget.make_soft(BudgetPeriod::daily);
  access_.plan_budget.total = 1;
  access_.plan_budget.make_soft(BudgetPeriod::total);
  start_answering();
  call();
  const auto second = call();
  EXPECT_TRUE(has(second, "HTTP/1.1 200")) << second;
  EXPECT_TRUE(has(second, "x-relay-budget-spent: key daily, plan total\r\n")) << second;
}

TEST_F(PipelineLimits, WhatTheProviderNeverAnsweredIsGivenBack) {
  access_.budget.total = 1'000'000'000;
  start([](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty())
      provider.send(
          "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
  });
  EXPECT_TRUE(has(call(), "HTTP/1.1 400"));
  QuotaCall budget{.user_id = "usr_1", .key_id = "key_1"};
  budget.add({.kind = QuotaKind::budget_total, .limit = 1'000'000'000, .ends_at = WallTime::max()});
  const auto look = await(quotas_.look(budget, clock_.now())).value();
  EXPECT_EQ(look.states[0].used, 0);
  EXPECT_EQ(look.states[0].held, 0);
}

TEST_F(PipelineLimits, TheRelaysHeadersStandInThePlaceOfTheProviders) {
  access_.limits.requests_per_day = 9;
  start([](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty())
      provider.send(
          "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nAnthropic-Ratelimit-Requests-Limit: 4000\r\n"
          "anthropic-ratelimit-input-tokens-limit: 70\r\ncontent-length: 2\r\n\r\n{}");
  });
  const auto answer = call();
  EXPECT_FALSE(has(answer, "4000")) << answer;
  EXPECT_TRUE(has(answer, "anthropic-ratelimit-requests-limit: 9\r\n"));
  EXPECT_TRUE(has(answer, "anthropic-ratelimit-input-tokens-limit: 70\r\n"));
}

TEST_F(PipelineLimits, CountingTokensIsOutsideAllLimits) {
  access_.limits.concurrency = 1;
  access_.limits.requests_per_day = 1;
  access_.budget.daily = 0;
  start([](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty())
      provider.send(
          "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
          "18\r\n\r\n{\"input_tokens\":3}");
  });
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(has(call(R"({"model":"claude-sonnet-4-5"})", "/v1/messages/count_tokens"), "HTTP/1.1 200"));
}

}  // namespace pipeline_limits_test
}  // namespace relay::test
