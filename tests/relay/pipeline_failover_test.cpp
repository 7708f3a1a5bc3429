// One account after another, until one answers; and what is recorded, and kept, of those that did not.
#include "relay/several_accounts.h"

namespace relay {
namespace pipeline_failover_test {

using namespace std::chrono_literals;
using namespace test;

class PipelineFailover : public SeveralAccounts {};

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

}  // namespace pipeline_failover_test
}  // namespace relay
