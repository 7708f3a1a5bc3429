// A second attempt beside one that does not answer.
#include "fakes/await.h"
#include "relay/several_accounts.h"

namespace relay {
namespace pipeline_hedge_test {

using namespace std::chrono_literals;
using namespace test;

// Says nothing until `go` is set, or its client has left; then what `answer` is.
ScriptedUpstream::Script held(std::atomic<bool>& go, std::atomic<int>& requests, std::atomic<bool>& left,
                              std::string answer = test::answer_of(test::kMessageJson)) {
  return [&go, &requests, &left, answer](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) {
      ++requests;
      for (int i = 0; i < 2000 && !go && !left; ++i) {
        if (provider.readable_within(5ms)) left = true;  // there is nothing more to read
      }
      if (left || !provider.send(answer)) return;
    }
  };
}

class PipelineHedge : public SeveralAccounts {
 protected:
  PipelineHedge() { limits_.hedge_after = 50ms; }
  static void until(const auto& is_so) {
    for (int i = 0; i < 1000 && !is_so(); ++i) std::this_thread::sleep_for(5ms);
    ASSERT_TRUE(is_so());
  }
  void TearDown() override {
    first_goes_ = second_goes_ = true;
    SeveralAccounts::TearDown();
  }
  const UsageRecord& of(const std::vector<UsageRecord>& all, std::string_view account) {
    return *std::ranges::find(all, account, &UsageRecord::upstream_account_id);
  }

  std::atomic<bool> first_goes_{false}, second_goes_{false}, first_left_{false}, second_left_{false};
};

TEST_F(PipelineHedge, TheSecondAccountServesWhereTheFirstSaysNothing) {
  add(held(first_goes_, first_, first_left_));
  add(well(&second_));
  begin();
  EXPECT_EQ(body_of(ask()), test::kMessageJson);
  until([this] { return first_left_.load(); });
  const auto all = records(2);
  ASSERT_EQ(all.size(), 2U);
  const auto& overtaken = of(all, "upa_1");
  EXPECT_EQ(overtaken.outcome, AttemptOutcome::unknown);
  EXPECT_EQ(overtaken.error_type, "hedged");
  EXPECT_TRUE(overtaken.estimated);
  const auto& served = of(all, "upa_2");
  EXPECT_EQ(served.outcome, AttemptOutcome::completed);
  EXPECT_EQ(served.usage.output_tokens, 15);
  EXPECT_EQ(served.request_id, overtaken.request_id);
  EXPECT_NE(served.attempt_id, overtaken.attempt_id);
  EXPECT_TRUE(accounts_->pool()->with_id("upa_1")->state->rests().empty()) << "slow is no failure";
  EXPECT_EQ(accounts_->pool()->with_id("upa_1")->state->in_flight(), 0);
}

TEST_F(PipelineHedge, AStreamIsServedWholeByWhoeverIsFirst) {
  add(held(first_goes_, first_, first_left_));
  add(answering(
      [](const std::string&) {
        std::string answer(test::kStreamHead);
        const auto events = test::joined(test::message_events());
        return answer.append("content-length: ")
            .append(std::to_string(events.size()))
            .append("\r\n\r\n")
            .append(events);
      },
      &second_));
  begin();
  EXPECT_EQ(body_of(ask(R"({"model":"claude-sonnet-4-5","stream":true})")),
            test::joined(test::message_events()));
  EXPECT_EQ(records(2).size(), 2U);
}

TEST_F(PipelineHedge, TheFirstServesWhereItIsFirstAfterAll) {
  add(held(first_goes_, first_, first_left_));
  add(held(second_goes_, second_, second_left_));
  begin();
  auto client = dial();
  client.send(request("", R"({"model":"claude-sonnet-4-5"})"));
  until([this] { return second_ == 1; });
  first_goes_ = true;
  EXPECT_EQ(body_of(client.receive_message()), test::kMessageJson);
  until([this] { return second_left_.load(); });
  const auto all = records(2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(of(all, "upa_1").outcome, AttemptOutcome::completed);
  EXPECT_EQ(of(all, "upa_2").error_type, "hedged");
}

TEST_F(PipelineHedge, AFirstAttemptThatFailsIsAnsweredForByTheSecond) {
  add(held(first_goes_, first_, first_left_, refusal(529)));
  add(held(second_goes_, second_, second_left_));
  begin();
  auto client = dial();
  client.send(request("", R"({"model":"claude-sonnet-4-5"})"));
  until([this] { return second_ == 1; });
  first_goes_ = true;
  until([this] { return accounts_->pool()->with_id("upa_1")->state->rests().size() == 1; });
  second_goes_ = true;
  EXPECT_EQ(body_of(client.receive_message()), test::kMessageJson);
  const auto all = records(2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(of(all, "upa_1").error_type, "overloaded_error");
  EXPECT_EQ(of(all, "upa_2").outcome, AttemptOutcome::completed);
  EXPECT_EQ(accounts_->pool()->with_id("upa_1")->state->rests().size(), 1U);
}

TEST_F(PipelineHedge, ASecondAttemptThatFailsLeavesTheFirstToAnswer) {
  add(held(first_goes_, first_, first_left_));
  add(answering([](const std::string&) { return refusal(529); }, &second_));
  begin();
  auto client = dial();
  client.send(request("", R"({"model":"claude-sonnet-4-5"})"));
  until([this] { return accounts_->pool()->with_id("upa_2")->state->rests().size() == 1; });
  first_goes_ = true;
  EXPECT_EQ(body_of(client.receive_message()), test::kMessageJson);
  EXPECT_EQ(records(2).size(), 2U);
}

TEST_F(PipelineHedge, AClientThatLeavesEndsBoth) {
  add(held(first_goes_, first_, first_left_));
  add(held(second_goes_, second_, second_left_));
  begin();
  {
    auto client = dial();
    client.send(request("", R"({"model":"claude-sonnet-4-5"})"));
    until([this] { return second_ == 1; });
  }
  until([this] { return first_left_ && second_left_; });
  for (const auto& record : records(2)) EXPECT_EQ(record.outcome, AttemptOutcome::client_gone);
}

TEST_F(PipelineHedge, LimitsCountBothAttempts) {
  access_.limits.tokens_per_day = 1'000'000;
  add(held(first_goes_, first_, first_left_));
  add(well(&second_));
  begin();
  ask();
  const auto all = records(2);
  ASSERT_EQ(all.size(), 2U);
  std::int64_t tokens = 0;
  for (const auto& record : all) tokens += record.usage.input_tokens + record.usage.output_tokens;
  EXPECT_GT(tokens, 40);
  QuotaCall day{.user_id = "usr_1", .key_id = "key_1"};
  const auto begins = std::chrono::floor<std::chrono::days>(clock_.now());
  day.add(
      {.kind = QuotaKind::tokens_per_day, .limit = 1'000'000, .starts_at = begins, .ends_at = begins + 24h});
  EXPECT_EQ(test::await(quotas_.look(day, clock_.now())).value().states[0].used, tokens);
}

TEST_F(PipelineHedge, NoCallIsHedgedUnlessItIsAskedFor) {
  limits_.hedge_after = 0ms;
  add(held(first_goes_, first_, first_left_));
  add(well(&second_));
  begin();
  auto client = dial();
  client.send(request("", R"({"model":"claude-sonnet-4-5"})"));
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(second_, 0);
  first_goes_ = true;
  EXPECT_EQ(body_of(client.receive_message()), test::kMessageJson);
}

}  // namespace pipeline_hedge_test
}  // namespace relay
