// What goes wrong at the provider: a cut is a cut, and each attempt is recorded as what it was.
#include "relay/relay_under_test.h"

namespace relay {
namespace pipeline_cuts_test {

using namespace std::chrono_literals;
using test::BlockingSocket;
using test::chunk_of;

class PipelineCuts : public test::RelayUnderTest {};

TEST_F(PipelineCuts, AKnownLengthEndsShort) {
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
        "500\r\n\r\n{\"id\":\"msg_1\",\"content\":[{\"text\":\"Hello there\"");
  });
  auto client = dial();
  client.send(request());
  const auto answer = client.receive_all();
  EXPECT_NE(answer.find("content-length: 500"), std::string::npos);
  EXPECT_LT(body_of(answer).size(), 500U);
  const auto record = records(1).at(0);
  EXPECT_EQ(record.outcome, AttemptOutcome::upstream_cut);
  EXPECT_TRUE(record.estimated);
}

TEST_F(PipelineCuts, AnEventStreamOfKnownLengthIsNotFilledUp) {
  const auto begun = test::joined(test::message_events(), 2);
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "content-length: " + std::to_string(begun.size() + 20) +
                  "\r\n\r\n" + begun);
  });
  auto client = dial();
  client.send(request());
  EXPECT_EQ(body_of(client.receive_all()), begun);
}

TEST_F(PipelineCuts, AChunkedStreamEndsWithAnErrorEventAndWithoutTheLastChunk) {
  const auto begun = test::joined(test::message_events(), 4);
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" + chunk_of(begun));
    std::this_thread::sleep_for(20ms);
  });
  auto client = dial();
  client.send(request());
  const auto body = body_of(client.receive_all());
  EXPECT_TRUE(body.starts_with(chunk_of(begun)));
  EXPECT_NE(body.find("event: error\ndata: {\"type\":\"error\""), std::string::npos) << body;
  EXPECT_EQ(body.find("\r\n0\r\n"), std::string::npos);
  const auto record = records(1).at(0);
  EXPECT_EQ(record.outcome, AttemptOutcome::upstream_cut);
  EXPECT_EQ(record.usage.input_tokens, 25);
  EXPECT_GT(record.usage.output_tokens, 1) << "estimated from the text that was sent";
  EXPECT_TRUE(record.estimated);
}

TEST_F(PipelineCuts, NoEventIsPutIntoTheMiddleOfAnother) {
  const auto begun = test::joined(test::message_events(), 2) + "event: ping\nda";
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" + chunk_of(begun));
  });
  auto client = dial();
  client.send(request());
  EXPECT_EQ(body_of(client.receive_all()), chunk_of(begun));
}

TEST_F(PipelineCuts, AStreamUntilCloseIsReset) {
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "\r\n" + test::joined(test::message_events(), 3));
    std::this_thread::sleep_for(20ms);
  });
  auto client = dial();
  client.send(request());
  client.receive_all();
  EXPECT_TRUE(client.was_reset()) << "a plain end would look whole";
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::upstream_cut);
}

TEST_F(PipelineCuts, BrokenChunksAreNotPassedAsAnEnd) {
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) +
                  "transfer-encoding: chunked\r\n\r\n5\r\nhelloXX\r\n0\r\n\r\n");
    provider.receive(500ms);
  });
  auto client = dial();
  client.send(request());
  EXPECT_EQ(client.receive_all().find("0\r\n\r\n"), std::string::npos);
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::upstream_cut);
}

TEST_F(PipelineCuts, HeadsThatReadTwoWaysAreNotPassed) {
  const std::vector<std::string> heads{
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
      "HTTP/1.1 200 OK\ncontent-length: 1\n\n",
      "HTTP/1.1 2x0 OK\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nx: " + std::string(70'000, 'x') + "\r\n\r\n",
      "SSH-2.0-OpenSSH\r\n\r\n"};
  start([heads](BlockingSocket& provider, int number) {
    provider.receive_message();
    provider.send(heads[static_cast<std::size_t>(number)]);
    provider.receive(1s);
  });
  auto client = dial();
  for (std::size_t i = 0; i < heads.size(); ++i) {
    client.send(request());
    const auto answer = client.receive_message();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 502") << heads[i].substr(0, 60);
  }
  EXPECT_EQ(records(heads.size()).size(), heads.size());
}

TEST_F(PipelineCuts, AStaleConnectionIsReplacedOnce) {
  start([](BlockingSocket& provider, int number) {
    provider.receive_message();
    provider.send(test::answer_of(test::kMessageJson));
    if (number > 0) return;
    provider.receive_message();  // takes the second request, and closes without a word
  });
  auto client = dial();
  client.send(request());
  client.receive_message();
  client.send(request());
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 200");
  EXPECT_EQ(upstream_->connections(), 2);
  EXPECT_EQ(records(2).size(), 2U);
}

TEST_F(PipelineCuts, AFreshConnectionIsNot) {
  start([](BlockingSocket& provider, int) { provider.receive_message(); });
  auto client = dial();
  client.send(request());
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 502");
  const auto record = records(1).at(0);
  EXPECT_EQ(record.outcome, AttemptOutcome::unknown);
  EXPECT_TRUE(record.estimated);
  EXPECT_EQ(upstream_->connections(), 1);
}

TEST_F(PipelineCuts, AProviderThatSaysNothingTimesOut) {
  limits_.first_byte = 60ms;
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.receive(1s);
  });
  auto client = dial();
  client.send(request());
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 504");
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::timed_out);
}

TEST_F(PipelineCuts, AStreamThatFallsSilentTimesOut) {
  limits_.idle = 60ms;
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::joined(test::message_events(), 2)));
    provider.receive(1s);
  });
  auto client = dial();
  client.send(request());
  EXPECT_NE(client.receive_all().find("event: error"), std::string::npos);
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::timed_out);
}

TEST_F(PipelineCuts, AProviderThatIsAwayIsA502AndNoAttempt) {
  std::uint16_t port = 0;
  {
    const test::LoopbackListener listener;
    port = listener.port();
  }
  start_before_port(port);
  auto client = dial();
  client.send(request());
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 502");
  EXPECT_EQ(journal_->last_sequence(), 0);
}

// The rest of the refused body must never be taken for somebody's next request.
TEST_F(PipelineCuts, AnAnswerBeforeTheWholeRequestIsPassedAndTheConnectionNotUsedAgain) {
  start([](BlockingSocket& provider, int number) {
    if (number > 0) {
      provider.receive_message();
      provider.send(test::answer_of(test::kMessageJson));
      return;
    }
    provider.receive_until("\r\n\r\n");
    provider.send("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\n{}");
    provider.shut_sending();
    std::this_thread::sleep_for(100ms);
  });
  auto client = dial();
  client.send(request("", R"({"model":"m","x":")" + std::string(20'000'000, 'x') + "\"}"));
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 413");
  client.send(request());
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 200");
}

}  // namespace pipeline_cuts_test
}  // namespace relay
