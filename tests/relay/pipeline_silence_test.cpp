// An upstream that says nothing for a while within a stream: what its client gets meanwhile, and in the end.
#include "relay/translated_calls.h"

namespace relay {
namespace pipeline_silence_test {

using namespace std::chrono_literals;
using test::BlockingSocket;
using test::chunk_of;

constexpr std::string_view kComment = ": keep-alive\n\n";

class PipelineSilence : public test::RelayUnderTest {
 protected:
  // Sends each part, and is silent for 200 ms behind it.
  void start_pausing(std::vector<std::string> parts,
                     const std::string& head = "transfer-encoding: chunked\r\n") {
    start([parts = std::move(parts), head](BlockingSocket& provider, int) {
      provider.receive_message();
      provider.send(std::string(test::kStreamHead) + head + "\r\n");
      for (const auto& part : parts) {
        provider.send(part);
        std::this_thread::sleep_for(300ms);
      }
    });
  }
  std::string ask(std::string_view version = "1.1") {
    auto client = dial();
    client.send(request("", R"({"model":"claude-sonnet-4-5","stream":true})", "/v1/messages", version));
    return body_of(client.receive_until("0\r\n\r\n"));
  }
  static std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }
  static std::string without(std::string text, const std::string& what) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what))
      text.erase(at, what.size());
    return text;
  }
};

TEST_F(PipelineSilence, IsFilledWithCommentsBetweenEvents) {
  limits_.keep_alive = 30ms;
  const auto events = test::message_events();
  const auto first = chunk_of(test::joined(events, 2));
  const auto rest = chunk_of(test::joined(events).substr(test::joined(events, 2).size())) + "0\r\n\r\n";
  start_pausing({first, rest});
  const auto body = ask();
  const auto comment = chunk_of(kComment);
  EXPECT_GE(count(body, comment), 2U) << body;
  EXPECT_EQ(without(body, comment), first + rest) << "all else is the provider's, byte for byte";
  const auto record = records(1).at(0);
  EXPECT_EQ(record.outcome, AttemptOutcome::completed);
  EXPECT_FALSE(record.estimated) << "the metering does not see it";
}

TEST_F(PipelineSilence, IsLeftAloneUnlessAskedFor) {
  const auto all = chunk_of(test::joined(test::message_events(), 2));
  start_pausing({all, "0\r\n\r\n"});
  EXPECT_EQ(ask(), all + "0\r\n\r\n");
}

TEST_F(PipelineSilence, IsLeftAloneWithinAnEventAndWithinAChunk) {
  limits_.keep_alive = 50ms;
  const auto events = test::joined(test::message_events());
  const auto half = chunk_of(events.substr(0, 30));
  const auto rest = chunk_of(events.substr(30));
  // Half an event; then half a chunk that ends with an event.
  start_pausing({half, rest.substr(0, rest.size() - 2), "\r\n0\r\n\r\n"});
  EXPECT_EQ(count(ask(), kComment), 0U);
}

TEST_F(PipelineSilence, IsLeftAloneInABodyOfKnownLength) {
  limits_.keep_alive = 50ms;
  const auto events = test::message_events();
  const auto all = test::joined(events);
  const auto first = test::joined(events, 2);
  start_pausing({first, all.substr(first.size())}, "content-length: " + std::to_string(all.size()) + "\r\n");
  auto client = dial();
  client.send(request());
  EXPECT_EQ(body_of(client.receive_message()), all);
}

TEST_F(PipelineSilence, IsFilledForAClientOfHttp10WithoutChunks) {
  limits_.keep_alive = 30ms;
  const auto all = test::joined(test::message_events());
  const auto first = test::joined(test::message_events(), 2);
  start_pausing({chunk_of(first), chunk_of(all.substr(first.size())) + "0\r\n\r\n"});
  auto client = dial();
  client.send(request("", R"({"model":"claude-sonnet-4-5","stream":true})", "/v1/messages", "1.0"));
  const auto body = body_of(client.receive_all());
  EXPECT_GE(count(body, kComment), 2U);
  EXPECT_EQ(without(body, std::string(kComment)), all);
}

TEST_F(PipelineSilence, FindsOutThatTheClientHasGone) {
  limits_.keep_alive = 40ms;
  std::atomic<bool> closed = false;
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::joined(test::message_events(), 2)));
    closed = provider.closes_within(2s);
  });
  {
    auto client = dial();
    client.send(request());
    static_cast<void>(client.receive_until("keep-alive"));
    client.reset();
  }
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::client_gone);
  for (int i = 0; i < 200 && !closed; ++i) std::this_thread::sleep_for(5ms);
  EXPECT_TRUE(closed);
}

TEST_F(PipelineSilence, EndsWithAnErrorEventThatSaysSo) {
  limits_.idle = 100ms;
  limits_.keep_alive = 30ms;  // comments are no sign of life of the upstream
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::joined(test::message_events(), 3)));
    provider.closes_within(3s);
  });
  auto client = dial();
  client.send(request());
  const auto body = body_of(client.receive_all());
  EXPECT_NE(body.find("sent nothing for too long"), std::string::npos) << body;
  EXPECT_EQ(body.find("\r\n0\r\n"), std::string::npos);
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::timed_out);
}

class SilenceOfEachPair : public PipelineSilence, public testing::WithParamInterface<test::TranslatedPair> {
 protected:
  SilenceOfEachPair() { openai_dialect_ = GetParam().openai; }
};
INSTANTIATE_TEST_SUITE_P(Pairs, SilenceOfEachPair, testing::ValuesIn(test::translated_pairs()),
                         [](const auto& pair) { return std::string(pair.param.name); });

TEST_P(SilenceOfEachPair, IsFilledAndEndsAsAnError) {
  const auto& pair = GetParam();
  limits_.idle = 400ms;
  limits_.keep_alive = 30ms;
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::joined(pair.events, 2)));
    provider.closes_within(3s);
  });
  auto client = dial();
  client.send(request("", std::string(pair.body) + R"(,"stream":true})", pair.path));
  const auto body = body_of(client.receive_all());
  EXPECT_GE(count(body, chunk_of(kComment)), 2U) << body;
  EXPECT_NE(body.find("error"), std::string::npos) << body;
  EXPECT_EQ(body.find(pair.stream_ends), std::string::npos) << body;
  EXPECT_EQ(body.find("\r\n0\r\n"), std::string::npos);
}

}  // namespace pipeline_silence_test
}  // namespace relay
