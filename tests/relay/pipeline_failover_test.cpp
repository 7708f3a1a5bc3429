// One account after another, until one answers; and what is recorded, and kept, of those that did not.
#include "fakes/await.h"
#include "relay/relay_under_test.h"

namespace relay {
namespace pipeline_failover_test {

using namespace std::chrono_literals;
using test::BlockingSocket;
using test::ScriptedUpstream;

constexpr std::string_view kOverloaded =
    R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded, they say"}})";

std::string refusal(int status, std::string_view body = kOverloaded, std::string_view more_head = "") {
  return std::string("HTTP/1.1 ")
      .append(std::to_string(status))
      .append(" Refused\r\ncontent-type: application/json\r\nrequest-id: req_refused\r\n")
      .append(more_head)
      .append("content-length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
}

/// Answers each request with what `answer` makes of it, until the relay closes.
ScriptedUpstream::Script answering(std::function<std::string(const std::string& request)> answer,
                                   std::atomic<int>* requests = nullptr) {
  return [answer = std::move(answer), requests](BlockingSocket& provider, int) {
    while (true) {
      const auto request = provider.receive_message();
      if (request.empty()) return;
      if (requests != nullptr) ++*requests;
      const auto bytes = answer(request);
      if (bytes.empty() || !provider.send(bytes)) return;
    }
  };
}

class PipelineFailover : public test::RelayUnderTest {
 protected:
  void TearDown() override {
    RelayUnderTest::TearDown();
    providers_.clear();
  }
  UpstreamAccount& add(ScriptedUpstream::Script script) {
    providers_.push_back(std::make_unique<ScriptedUpstream>(std::move(script)));
    return add_at(providers_.back()->port());
  }
  UpstreamAccount& add_at(std::uint16_t port) {
    const auto id = "upa_" + std::to_string(more_accounts_.size() + 1);
    auto account = UpstreamAccount::from_settings(id, Provider::anthropic,
                                                  "http://127.0.0.1:" + std::to_string(port), "sk-up", "URL");
    // In their order.
    account->priority = static_cast<int>(more_accounts_.size());
    more_accounts_.push_back(std::move(account).value());
    return more_accounts_.back();
  }
  void begin() { start_before_port(1); }
  std::string ask(std::string_view body = R"({"model":"claude-sonnet-4-5"})") {
    auto client = dial();
    client.send(request("", body));
    return client.receive_message();
  }

  std::vector<std::unique_ptr<ScriptedUpstream>> providers_;
  std::atomic<int> first_{0}, second_{0};
};

ScriptedUpstream::Script well(std::atomic<int>* requests = nullptr) {
  return answering([](const std::string&) { return test::answer_of(test::kMessageJson); }, requests);
}

TEST_F(PipelineFailover, GoesOnToTheNextAccountAndRecordsBoth) {
  add(answering([](const std::string&) { return refusal(529); }, &first_));
  add(well(&second_));
  begin();
  EXPECT_EQ(body_of(ask()), test::kMessageJson);
  const auto all = records(2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].upstream_account_id, "upa_1");
  EXPECT_EQ(all[0].status, 529);
  EXPECT_EQ(all[0].outcome, AttemptOutcome::provider_error);
  EXPECT_EQ(all[0].error_type, "overloaded_error");
  EXPECT_EQ(all[0].usage.input_tokens, 0) << "error text is never billed";
  EXPECT_EQ(all[0].upstream_request_id, "req_refused");
  EXPECT_EQ(all[1].upstream_account_id, "upa_2");
  EXPECT_EQ(all[1].outcome, AttemptOutcome::completed);
  EXPECT_EQ(all[1].usage.output_tokens, 15);
  EXPECT_EQ(all[0].request_id, all[1].request_id);
  EXPECT_NE(all[0].attempt_id, all[1].attempt_id);

  EXPECT_EQ(body_of(ask()), test::kMessageJson);
  EXPECT_EQ(first_, 1) << "it rests";
  EXPECT_EQ(second_, 2);
}

class EachRefusal : public PipelineFailover, public testing::WithParamInterface<int> {};

TEST_P(EachRefusal, IsMadeGoodByAnotherAccount) {
  add(answering([](const std::string&) { return refusal(GetParam()); }));
  add(well());
  begin();
  EXPECT_EQ(body_of(ask()), test::kMessageJson);
  EXPECT_EQ(records(2).size(), 2U);
}
INSTANTIATE_TEST_SUITE_P(Statuses, EachRefusal, testing::Values(401, 402, 403, 429, 500, 502, 503, 504, 529));

class EachFault : public PipelineFailover, public testing::WithParamInterface<int> {};

TEST_P(EachFault, OfTheRequestPassesAsItIs) {
  add(answering([](const std::string&) { return refusal(GetParam(), R"({"error":{"type":"x"}})"); }));
  add(well(&second_));
  begin();
  const auto answer = ask();
  EXPECT_EQ(answer.substr(9, 3), std::to_string(GetParam()));
  EXPECT_EQ(body_of(answer), R"({"error":{"type":"x"}})");
  EXPECT_EQ(second_, 0);
  EXPECT_TRUE(accounts_->pool()->with_id("upa_1")->state->rests().empty());
}
INSTANTIATE_TEST_SUITE_P(Statuses, EachFault, testing::Values(400, 404, 413, 422));

constexpr std::string_view kNoCredit =
    R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to )"
    R"(access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}})";

TEST_F(PipelineFailover, AnAccountWithoutCreditRestsThoughTheStatusBlamesTheRequest) {
  add(answering([](const std::string&) { return refusal(400, kNoCredit); }, &first_));
  add(well(&second_));
  begin();
  EXPECT_EQ(body_of(ask()), test::kMessageJson);
  EXPECT_EQ(body_of(ask()), test::kMessageJson);
  EXPECT_EQ(first_, 1);
  EXPECT_EQ(second_, 2);
  const auto rests = accounts_->pool()->with_id("upa_1")->state->rests();
  ASSERT_EQ(rests.size(), 1U);
  EXPECT_EQ(rests[0].family, "") << "the whole account";
  EXPECT_EQ(rests[0].reason, RestReason::billing);
  const auto all = records(3);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].status, 400);
  EXPECT_EQ(all[0].outcome, AttemptOutcome::provider_error);
}

TEST_F(PipelineFailover, WithoutCreditAnywhereTheProvidersOwnWordsAreTheAnswer) {
  for (int i = 0; i < 2; ++i)
    add(answering([](const std::string&) { return refusal(400, kNoCredit); }, &first_));
  begin();
  for (int i = 0; i < 3; ++i) {
    const auto answer = ask();
    EXPECT_EQ(answer.substr(9, 3), "400");
    EXPECT_EQ(body_of(answer), kNoCredit);
  }
  EXPECT_EQ(first_, 2);
}

TEST_F(PipelineFailover, AnyOther400PassesByteForByteHoweverLongItIs) {
  std::string body =
      R"({"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: Field required"}})";
  add([&body](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) {
      const auto bytes = refusal(400, body);
      for (std::size_t at = 0; at < bytes.size(); at += 50'000)
        provider.send(std::string_view(bytes).substr(at, 50'000));
    }
  });
  add(well(&second_));
  begin();
  auto answer = ask();
  EXPECT_EQ(answer.substr(9, 3), "400");
  EXPECT_EQ(body_of(answer), body);
  body.append(200'000, ' ');  // more than is held back
  answer = ask();
  EXPECT_EQ(answer.substr(9, 3), "400");
  EXPECT_EQ(body_of(answer), body);
  EXPECT_EQ(second_, 0);
  EXPECT_TRUE(accounts_->pool()->with_id("upa_1")->state->rests().empty());
}

TEST_F(PipelineFailover, AnAccountThatCannotBeReachedIsPassedOver) {
  add_at(1);
  add(well());
  begin();
  EXPECT_EQ(body_of(ask()), test::kMessageJson);
  const auto all = records(1);
  ASSERT_EQ(all.size(), 1U) << "nothing reached the first provider";
  EXPECT_EQ(all[0].upstream_account_id, "upa_2");
  const auto rests = accounts_->pool()->with_id("upa_1")->state->rests();
  ASSERT_EQ(rests.size(), 1U);
  EXPECT_EQ(rests[0].family, "");
  EXPECT_EQ(rests[0].reason, RestReason::unreachable);
}

TEST_F(PipelineFailover, AnAccountThatSaysNothingIsGivenUpAndItsAttemptIsUnknown) {
  limits_.first_byte = 150ms;
  add([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.receive(3s);
  });
  add([](BlockingSocket& provider, int) { provider.receive_message(); });
  add(well());
  begin();
  EXPECT_EQ(body_of(ask()), test::kMessageJson);
  const auto all = records(3);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].outcome, AttemptOutcome::timed_out);
  EXPECT_EQ(all[1].outcome, AttemptOutcome::unknown);
  EXPECT_TRUE(all[1].estimated);
  EXPECT_EQ(all[2].outcome, AttemptOutcome::completed);
}

std::string error_stream() {
  return std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
         test::chunk_of(test::event("error", kOverloaded)) + "0\r\n\r\n";
}
std::string whole_stream() {
  return std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
         test::chunk_of(test::joined(test::message_events())) + "0\r\n\r\n";
}

TEST_F(PipelineFailover, AStreamThatBeginsWithAnErrorIsTriedElsewhere) {
  add(answering([](const std::string&) { return error_stream(); }));
  add(answering([](const std::string&) { return whole_stream(); }));
  begin();
  auto client = dial();
  client.send(request());
  client.receive_until("\r\n\r\n");
  EXPECT_EQ(client.receive_until("\r\n0\r\n\r\n"),
            test::chunk_of(test::joined(test::message_events())) + "0\r\n\r\n");
  const auto all = records(2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].outcome, AttemptOutcome::provider_error);
  EXPECT_EQ(all[0].error_type, "overloaded_error");
  EXPECT_EQ(all[1].outcome, AttemptOutcome::completed);
}

TEST_F(PipelineFailover, AnErrorBehindTheFirstEventIsTheClients) {
  const auto events = test::message_events();
  const auto stream = std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                      test::chunk_of(events[0]) + test::chunk_of(test::event("error", kOverloaded)) +
                      "0\r\n\r\n";
  add(answering([stream](const std::string&) { return stream; }));
  add(well(&second_));
  begin();
  auto client = dial();
  client.send(request());
  EXPECT_NE(client.receive_until("\r\n0\r\n\r\n").find("overloaded_error"), std::string::npos);
  EXPECT_EQ(second_, 0);
}

TEST_F(PipelineFailover, AFirstEventThatComesInPiecesPassesByteForByte) {
  const auto stream = whole_stream();
  add([stream](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) {
      for (std::size_t at = 0; at < stream.size(); at += 40) {
        provider.send(std::string_view(stream).substr(at, 40));
        std::this_thread::sleep_for(1ms);
      }
    }
  });
  add(well(&second_));
  begin();
  auto client = dial();
  for (int i = 0; i < 3; ++i) {
    client.send(request());
    const auto head = client.receive_until("\r\n\r\n");
    EXPECT_NE(head.find("request-id: req_up\r\n"), std::string::npos);
    EXPECT_EQ(client.receive_until("\r\n0\r\n\r\n"),
              test::chunk_of(test::joined(test::message_events())) + "0\r\n\r\n");
  }
  EXPECT_EQ(second_, 0);
  EXPECT_EQ(records(3).size(), 3U);
}

TEST_F(PipelineFailover, AStreamThatBreaksOffBeforeItsFirstEventIsTriedElsewhere) {
  add([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n");
  });
  add(answering([](const std::string&) { return whole_stream(); }));
  begin();
  auto client = dial();
  client.send(request());
  client.receive_until("\r\n\r\n");
  EXPECT_NE(client.receive_until("\r\n0\r\n\r\n").find("message_stop"), std::string::npos);
  const auto all = records(2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].outcome, AttemptOutcome::upstream_cut);
}

TEST_F(PipelineFailover, WhenAllFailTheClientGetsTheProvidersOwnErrorAndThenItIsSaidWithoutAsking) {
  const std::string body = R"({"type":"error","error":{"type":"rate_limit_error","message":"Slow  down"}})";
  add(answering([](const std::string&) { return refusal(529); }, &first_));
  add(answering([body](const std::string&) { return refusal(429, body, "retry-after: 30\r\nx-odd: 1\r\n"); },
                &second_));
  begin();
  auto answer = ask();
  EXPECT_EQ(answer.substr(9, 3), "429");
  EXPECT_EQ(body_of(answer), body);
  EXPECT_NE(answer.find("retry-after: 30\r\n"), std::string::npos);
  for (int i = 0; i < 20; ++i) answer = ask();
  EXPECT_EQ(first_, 1);
  EXPECT_EQ(second_, 1) << "no storm";
  // The first comes back first: what it said, and when.
  EXPECT_EQ(answer.substr(9, 3), "529");
  EXPECT_EQ(body_of(answer), kOverloaded);
  EXPECT_NE(answer.find("Retry-After: "), std::string::npos);
  EXPECT_EQ(records(2).size(), 2U);
}

TEST_F(PipelineFailover, TheProvidersErrorIsPreferredToTheRelaysOwn) {
  add(answering([](const std::string&) { return refusal(529); }));
  add_at(1);
  begin();
  const auto answer = ask();
  EXPECT_EQ(answer.substr(9, 3), "529");
  EXPECT_EQ(body_of(answer), kOverloaded);
}

TEST_F(PipelineFailover, AfterTheRestOneCallTriesAndTheAccountReturns) {
  std::atomic<bool> is_well{false};
  add(answering(
      [&](const std::string&) { return is_well ? test::answer_of(test::kMessageJson) : refusal(529); },
      &first_));
  add(well(&second_));
  begin();
  ask();
  is_well = true;
  ask();
  EXPECT_EQ(first_, 1);
  running_.on_thread([this] { clock_.advance(5s); });
  ask();
  EXPECT_EQ(first_, 2);
  EXPECT_TRUE(accounts_->pool()->with_id("upa_1")->state->rests().empty());
  ask();
  EXPECT_EQ(first_, 3);
  EXPECT_EQ(second_, 2);
}

TEST_F(PipelineFailover, ACallHasABoundOfAttempts) {
  limits_.attempts_max = 2;
  for (int i = 0; i < 2; ++i) add(answering([](const std::string&) { return refusal(500); }));
  add(well(&second_));
  begin();
  EXPECT_EQ(ask().substr(9, 3), "500");
  EXPECT_EQ(second_, 0);
}

TEST_F(PipelineFailover, TheModelIsAskedForByTheAccountsName) {
  std::string seen_first, seen_second;
  auto& first = add(answering([&](const std::string& request) {
    seen_first = request;
    return refusal(529);
  }));
  first.model_map.emplace("fast", "claude-haiku-4-5");
  auto& second = add(answering([&](const std::string& request) {
    seen_second = request;
    return test::answer_of(test::kMessageJson);
  }));
  second.model_map.emplace("fast", "claude-\"quick\"");
  begin();
  ask(R"({ "max_tokens":1, "model" : "fast","x":[1]})");
  EXPECT_EQ(body_of(seen_first), R"({ "max_tokens":1, "model" : "claude-haiku-4-5","x":[1]})");
  EXPECT_EQ(body_of(seen_second), R"({ "max_tokens":1, "model" : "claude-\"quick\"","x":[1]})");
  const auto all = records(2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].model, "claude-haiku-4-5");
  EXPECT_EQ(all[0].requested_model, "fast");
}

TEST_F(PipelineFailover, AnAttemptHasATotalTime) {
  limits_.total = 200ms;
  add([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(test::kStreamHead);
    provider.send("transfer-encoding: chunked\r\n\r\n" + test::chunk_of(test::message_events()[0]));
    for (int i = 0; i < 100 && provider.send(test::chunk_of(test::event("ping", R"({"type":"ping"})"))); ++i)
      std::this_thread::sleep_for(20ms);
  });
  begin();
  auto client = dial();
  client.send(request());
  client.receive_all();
  const auto all = records(1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].outcome, AttemptOutcome::timed_out);
}

TEST_F(PipelineFailover, TheOnlyAccountIsAskedThoughItRests) {
  add(answering([](const std::string&) { return refusal(429, kOverloaded, "retry-after: 60\r\n"); },
                &first_));
  begin();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask().substr(9, 3), "429");
  EXPECT_EQ(first_, 3);
}

class Outage : public PipelineFailover {
 protected:
  // `calls` from 8 clients at once; how many were answered with `status`.
  int ask_many(int calls, int status) {
    std::atomic<int> left{calls}, answered{0};
    std::vector<std::thread> clients;
    const auto words = std::to_string(status);
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        auto client = dial();
        while (left-- > 0) {
          client.send(request("", R"({"model":"claude-sonnet-4-5"})"));
          if (client.receive_message().substr(9, 3) == words) ++answered;
        }
      });
    }
    for (auto& client : clients) client.join();
    return answered;
  }
};

TEST_F(Outage, OfThreeOneRefusesOneHangsOneWorksAndEveryCallSucceeds) {
  limits_.first_byte = 250ms;
  std::atomic<int> refused{0}, hung{0}, well_asked{0};
  add(answering([](const std::string&) { return refusal(529); }, &refused)).priority = 0;
  add([&hung](BlockingSocket& provider, int) {
    provider.receive_message();
    ++hung;
    provider.receive(3s);
  }).priority = 0;
  add(well(&well_asked)).priority = 0;
  begin();
  EXPECT_EQ(ask_many(1000, 200), 1000);
  EXPECT_EQ(well_asked, 1000);
  EXPECT_LE(refused + hung, 20) << "they rest";
}

TEST_F(Outage, WithAllAwayEveryCallIsToldWhatAProviderSaysAndHardlyAnyIsSent) {
  std::atomic<int> asked{0};
  for (int i = 0; i < 3; ++i)
    add(answering([](const std::string&) { return refusal(529); }, &asked)).priority = 0;
  begin();
  EXPECT_EQ(ask_many(1000, 529), 1000);
  EXPECT_LE(asked, 100);
}

TEST_F(PipelineFailover, KeysOfAGroupUseItsAccounts) {
  add(well(&first_));
  add(well(&second_)).groups = {"blue"};
  access_.account_group = "blue";
  begin();
  ask();
  EXPECT_EQ(first_, 0);
  EXPECT_EQ(second_, 1);
}

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

class PipelineHedge : public PipelineFailover {
 protected:
  PipelineHedge() { limits_.hedge_after = 50ms; }
  static void until(const auto& is_so) {
    for (int i = 0; i < 1000 && !is_so(); ++i) std::this_thread::sleep_for(5ms);
    ASSERT_TRUE(is_so());
  }
  void TearDown() override {
    first_goes_ = second_goes_ = true;
    PipelineFailover::TearDown();
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

TEST_F(PipelineFailover, NoCallIsHedgedUnlessItIsAskedFor) {
  std::atomic<bool> goes{false}, left{false};
  add(held(goes, first_, left));
  add(well(&second_));
  begin();
  auto client = dial();
  client.send(request("", R"({"model":"claude-sonnet-4-5"})"));
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(second_, 0);
  goes = true;
  EXPECT_EQ(body_of(client.receive_message()), test::kMessageJson);
}

}  // namespace pipeline_failover_test
}  // namespace relay
