// Calls about batches and stored responses through the whole pipeline, against a scripted provider.
#include "fakes/await.h"
#include "relay/relay_under_test.h"
#include "service/quota_call.h"

namespace relay {
namespace pipeline_objects_test {

using test::BlockingSocket;

class PipelineObjects : public test::RelayUnderTest {
 protected:
  void put(const std::string& id, ProviderObjectKind kind, const std::string& user_id = "usr_1",
           std::chrono::hours ago = std::chrono::hours(5)) {
    objects_.add_later({.id = id,
                        .provider = kind == ProviderObjectKind::response ? "openai" : "anthropic",
                        .kind = kind,
                        .user_id = user_id,
                        .key_id = "key_of_the_batch",
                        .account_id = kind == ProviderObjectKind::response ? "env_openai" : "env_anthropic",
                        .created_at = clock_.now() - ago});
  }
  std::string get(std::string_view path) const {
    return "GET " + std::string(path) +
           " HTTP/1.1\r\nhost: relay\r\nrange: bytes=5-\r\nx-api-key: " + std::string(secret_.text()) +
           "\r\nconnection: close\r\n\r\n";
  }
};

constexpr std::string_view kResults =
    R"({"custom_id":"one","result":{"type":"succeeded","message":{"id":"msg_1","type":"message","model":"claude-sonnet-4-5","usage":{"input_tokens":25,"output_tokens":15,"service_tier":"standard"}}}}
{"custom_id":"two","result":{"type":"succeeded","message":{"id":"msg_2","type":"message","model":"claude-sonnet-4-5","usage":{"input_tokens":1,"output_tokens":2}}}}
)";

TEST_F(PipelineObjects, RecordsEachLineOfABatchForWhoMadeIt) {
  const auto head = "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(kResults.size()) + "\r\n\r\n";
  std::string asked;
  start([&](BlockingSocket& provider, int) {
    asked = provider.receive_message();
    provider.send(head);
    for (std::size_t at = 0; at < kResults.size(); at += 7) provider.send(kResults.substr(at, 7));
  });
  put("msgbatch_1", ProviderObjectKind::batch);
  auto client = dial();
  client.send(get("/v1/messages/batches/msgbatch_1/results"));
  EXPECT_EQ(body_of(client.receive_all()), kResults);
  EXPECT_EQ(asked.find("range:"), std::string::npos) << "all of it is to be seen";
  const auto found = records(2);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].key_id, "key_of_the_batch");
  EXPECT_EQ(found[0].user_id, "usr_1");
  EXPECT_EQ(found[0].mode.service_tier, "batch");
  EXPECT_EQ(found[0].started_at, clock_.now() - std::chrono::hours(5));
  EXPECT_EQ(found[0].usage, (Usage{.input_tokens = 25, .output_tokens = 15}));
  EXPECT_EQ(found[0].message_id, "msg_1");
  EXPECT_NE(found[0].attempt_id, found[1].attempt_id);
  EXPECT_TRUE(found[0].attempt_id.starts_with("att_"));
}

TEST_F(PipelineObjects, WhatABatchUsedCountsWhenItsResultsAreReadAndOnce) {
  access_.user_limits.tokens_per_day = 1'000;
  access_.limits.tokens_per_day = 1'000;
  const auto call_now = quotas_of(access_, clock_.now());
  const auto used = [&] {
    const auto look = test::await(quotas_.look(call_now, clock_.now())).value();
    return std::pair(look.states[0].used, look.states[1].used);
  };
  EXPECT_EQ(used(), std::pair(std::int64_t{0}, std::int64_t{0}));
  const auto head = "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(kResults.size()) + "\r\n\r\n";
  start([&](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) provider.send(head + std::string(kResults));
  });
  put("msgbatch_1", ProviderObjectKind::batch, "usr_1", std::chrono::hours(0));
  put("msgbatch_old", ProviderObjectKind::batch, "usr_1", std::chrono::hours(24));
  for (const auto* id : {"msgbatch_1", "msgbatch_1", "msgbatch_old"}) {
    auto client = dial();
    client.send(get("/v1/messages/batches/" + std::string(id) + "/results"));
    EXPECT_EQ(body_of(client.receive_all()), kResults);
  }
  // 25 + 15 + 1 + 2: the user's, of today; another key made them.
  EXPECT_EQ(used(), std::pair(std::int64_t{0}, std::int64_t{43}));
}

TEST_F(PipelineObjects, WhatSomebodyElseMadeIsNotThere) {
  start([](BlockingSocket& provider, int) { provider.receive_message(); });
  put("msgbatch_1", ProviderObjectKind::batch, "usr_2");
  for (const auto* path : {"/v1/messages/batches/msgbatch_1", "/v1/messages/batches/msgbatch_2",
                           "/v1/messages/batches/msgbatch_1/results", "/v1/batches/msgbatch_1"}) {
    auto client = dial();
    client.send(get(path));
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 404 ")) << path;
  }
  EXPECT_EQ(upstream_->connections(), 0);
}

TEST_F(PipelineObjects, AListIsOfOnesOwnObjectsOnly) {
  std::vector<std::string> asked;
  start([&](BlockingSocket& provider, int) {
    while (true) {
      const auto line = provider.receive_message();
      if (line.empty()) return;
      asked.push_back(line.substr(0, line.find(" HTTP")));
      if (asked.size() == 1) {
        provider.send(
            test::answer_of(R"({"data":[{"id":"b_others"},{"id":"b_1","n":1.0}],"has_more":true})"));
      } else if (asked.size() == 2) {
        provider.send(test::answer_of(R"({"id":"b_2","results_url":"http://provider/x"})"));
      } else {
        provider.send("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}");
      }
    }
  });
  for (const auto* id : {"b_1", "b_2", "b_3"}) {
    static_cast<void>(object_store_.insert_now({.id = id,
                                                .provider = "anthropic",
                                                .kind = ProviderObjectKind::batch,
                                                .user_id = "usr_1",
                                                .account_id = "env_anthropic"}));
  }
  auto client = dial();
  client.send(get("/v1/messages/batches?limit=5&beta=true"));
  EXPECT_EQ(
      body_of(client.receive_all()),
      R"({"data":[{"id":"b_1","n":1.0},{"id":"b_2","results_url":"http://relay/v1/messages/batches/b_2/results"}],"first_id":"b_1","last_id":"b_2","has_more":false})");
  EXPECT_EQ(asked, (std::vector<std::string>{"GET /v1/messages/batches?beta=true&limit=100",
                                             "GET /v1/messages/batches/b_2?beta=true",
                                             "GET /v1/messages/batches/b_3?beta=true"}));
  EXPECT_FALSE(object_store_.has("b_3")) << "the provider does not have it any more";
}

TEST_F(PipelineObjects, AResponseOfSomebodyElseIsNotGoneOnFrom) {
  const std::string response =
      R"({"id":"resp_new","object":"response","status":"completed","model":"gpt-5.5","output":[],"usage":{"input_tokens":1,"output_tokens":1}})";
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(test::answer_of(response));
  });
  put("resp_own", ProviderObjectKind::response);
  put("resp_other", ProviderObjectKind::response, "usr_2");
  const auto status_of = [this](const std::string& id, const std::string& more = "") {
    auto client = dial();
    client.send(
        request("connection: close\r\n",
                R"({"model":"gpt-5.5","input":"hi","previous_response_id":")" + id + "\"" + more + "}",
                "/v1/responses"));
    return client.receive_all().substr(9, 3);
  };
  EXPECT_EQ(status_of("resp_own", R"(,"store":false)"), "200");
  EXPECT_EQ(status_of("resp_own"), "200");
  EXPECT_EQ(status_of("resp_new"), "200") << "a turn right behind it";
  EXPECT_EQ(status_of("resp_other"), "400");
  EXPECT_EQ(status_of("resp_unknown"), "200") << "the provider's to answer: it was not made here";
  object_store_.away = true;
  EXPECT_EQ(status_of("resp_unknown"), "200") << "the store is away";
  EXPECT_EQ(status_of("resp_other"), "400") << "known all the same";
}

}  // namespace pipeline_objects_test
}  // namespace relay
