#include "simulate/simulator.h"

#include "http/content_coding.h"
#include "simulate/wire_client.h"

#include <gtest/gtest.h>

#include <chrono>

namespace relay {
namespace simulator_faults_test {

using Silence = WireClient::Silence;

constexpr std::string_view kHello =
    R"({"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"hello"}]})";
constexpr std::string_view kHelloStream =
    R"({"model":"claude-sonnet-4-5","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"hello"}]})";

std::size_t events(std::string_view text) {
  std::size_t found = 0;
  for (auto at = text.find("event: "); at != std::string_view::npos; at = text.find("event: ", at + 1))
    ++found;
  return found;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class SimulatorFaults : public testing::Test {
 protected:
  struct Seen {
    WireAnswer answer;
    Silence last;
  };

  SimulatorFaults() { simulator_.start(); }

  Seen ask(std::string_view body, std::string_view words, int patience_ms = 5000) {
    WireClient client(simulator_.port());
    client.set_patience_ms(patience_ms);
    client.post("/v1/messages", body, "x-simulate: " + std::string(words) + "\r\n");
    auto answer = client.read_answer();
    return {std::move(answer), client.last()};
  }
  std::string stats() {
    WireClient client(simulator_.port());
    client.get("/_simulate/stats");
    return client.read_answer().body;
  }

  Simulator simulator_{{}};
};

TEST_F(SimulatorFaults, CutsAStreamAfterSoManyEvents) {
  const auto [answer, last] = ask(kHelloStream, "cut=3");
  EXPECT_EQ(events(answer.body), 3U);
  EXPECT_FALSE(answer.whole);
  EXPECT_EQ(last, Silence::end);
}

TEST_F(SimulatorFaults, CutsBeforeTheFirstEventAndBeforeTheHead) {
  const auto first = ask(kHelloStream, "cut=0").answer;
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "");
  EXPECT_EQ(ask(kHelloStream, "cut=head").answer.status, 0);
}

TEST_F(SimulatorFaults, CutsABodyAfterSoManyBytes) {
  const auto json = ask(kHello, "cut=50").answer;
  EXPECT_EQ(json.body.size(), 50U);
  EXPECT_FALSE(json.whole);
  EXPECT_EQ(ask(kHelloStream, "cut=700b").answer.body.size(), 700U);
}

TEST_F(SimulatorFaults, ResetsTheConnection) {
  const auto [answer, last] = ask(kHelloStream, "reset=2");
  EXPECT_EQ(events(answer.body), 2U);
  EXPECT_EQ(last, Silence::reset);
  EXPECT_EQ(ask(kHello, "reset=head").last, Silence::reset);
}

TEST_F(SimulatorFaults, HangsWithTheConnectionOpen) {
  const auto [answer, last] = ask(kHelloStream, "hang=4", 200);
  EXPECT_EQ(events(answer.body), 4U);
  EXPECT_EQ(last, Silence::nothing);
}

TEST_F(SimulatorFaults, PingsWhileItHangs) {
  WireClient client(simulator_.port());
  client.post("/v1/messages", kHelloStream, "x-simulate: hang=1,pings=10\r\n");
  while (!has(client.unread(), "event: ping")) ASSERT_EQ(client.read_some(), Silence::data);
}

TEST_F(SimulatorFaults, PutsAnErrorIntoAStream) {
  const auto first = ask(kHelloStream, "error-event=0").answer;
  EXPECT_TRUE(first.whole);
  EXPECT_TRUE(first.body.starts_with("event: error\n")) << first.body;
  const auto later = ask(kHelloStream, "error-event=4,code=api_error").answer;
  EXPECT_EQ(events(later.body), 5U);
  EXPECT_TRUE(has(later.body, R"("type":"api_error")")) << later.body;
  EXPECT_FALSE(has(later.body, "message_stop"));
}

TEST_F(SimulatorFaults, AnswersWithTheStatusThatWasAskedFor) {
  for (const int status : {400, 401, 402, 403, 404, 409, 413, 429, 500, 503, 504, 529}) {
    const auto answer = ask(kHello, "status=" + std::to_string(status) + ",no-retry").answer;
    EXPECT_EQ(answer.status, status);
    EXPECT_TRUE(has(answer.body, R"({"type":"error","error":{)"));
    EXPECT_TRUE(has(answer.head, "x-should-retry: false\r\n"));
  }
}

TEST_F(SimulatorFaults, SplitsTheBytesAnywhereWithoutChangingThem) {
  for (const auto* words : {"chunk=13,unicode", "rechunk=5,unicode", "split-head,unicode",
                            "unicode,framing=length", "unicode,framing=close"}) {
    const auto seen = ask(kHelloStream, words).answer;
    EXPECT_TRUE(seen.whole) << words;
    EXPECT_TRUE(seen.body.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")) << words;
  }
}

TEST_F(SimulatorFaults, SendsAnEarlyAnswerFirst) {
  WireClient client(simulator_.port());
  client.post("/v1/messages", kHello, "x-simulate: early-hints\r\n");
  EXPECT_EQ(client.read_answer().status, 103);
  EXPECT_EQ(client.read_answer().status, 200);
}

TEST_F(SimulatorFaults, MakesTheHeadAsLongAsAsked) {
  EXPECT_GE(ask(kHello, "head-size=9000").answer.head.size(), 9000U);
}

TEST_F(SimulatorFaults, FramesAnAnswerAsAsked) {
  EXPECT_TRUE(has(ask(kHello, "framing=chunked").answer.head, "transfer-encoding: chunked"));
  const auto until_close = ask(kHello, "framing=close").answer;
  EXPECT_TRUE(until_close.whole);
  EXPECT_FALSE(has(until_close.head, "content-length"));
  EXPECT_TRUE(has(ask(kHelloStream, "framing=length").answer.head, "content-length"));
  const auto both = ask(kHello, "framing=both").answer;
  EXPECT_EQ(both.status, 0);  // our parser refuses it, as it should
}

TEST_F(SimulatorFaults, BreaksItsOwnFraming) {
  const auto chunk = ask(kHelloStream, "bad-chunk").answer;
  EXPECT_EQ(events(chunk.body), 1U);
  EXPECT_FALSE(chunk.whole);
  EXPECT_EQ(ask(kHello, "garbage").answer.status, 0);
  EXPECT_EQ(ask(kHello, "half-head").answer.status, 0);
}

TEST_F(SimulatorFaults, CompressesEventByEvent) {
  for (const auto* body : {&kHello, &kHelloStream}) {
    const auto answer = ask(*body, "gzip").answer;
    EXPECT_TRUE(answer.whole);
    EXPECT_TRUE(has(answer.head, "content-encoding: gzip"));
    std::string plain;
    ContentDecoder decoder(ContentCoding::gzip, 1'000'000);
    EXPECT_TRUE(decoder.feed(answer.body, [&plain](std::string_view piece) { plain.append(piece); }));
    EXPECT_TRUE(has(plain, "You said: hello")) << plain;
  }
}

TEST_F(SimulatorFaults, ClosesTheConnectionInThreeWays) {
  for (const auto* words : {"close", "stale", "trap"}) {
    WireClient client(simulator_.port());
    client.post("/v1/messages", kHello, "x-simulate: " + std::string(words) + "\r\n");
    const auto answer = client.read_answer();
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(has(answer.head, "connection: close"), words == std::string_view("close"));
    if (words == std::string_view("trap")) client.post("/v1/messages", kHello);
    EXPECT_EQ(client.read_some(), Silence::end) << words;
  }
}

TEST_F(SimulatorFaults, WaitsWhereItWasAskedTo) {
  const auto timed = [this](std::string_view words) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(ask(kHelloStream, words).answer.whole);
    return std::chrono::steady_clock::now() - began;
  };
  EXPECT_GE(timed("delay=60"), std::chrono::milliseconds(60));
  EXPECT_GE(timed("first=60"), std::chrono::milliseconds(60));
  EXPECT_GE(timed("events=3,gap=20"), std::chrono::milliseconds(60));
}

TEST_F(SimulatorFaults, NoticesAClientThatLeaves) {
  for (const auto* words : {"delay=60000", "first=60000", "events=5,gap=60000", "hang=1"}) {
    const auto counted = [this] {
      const auto text = stats();
      return text.substr(text.find("\"aborted\":"), text.find(",\"last_abort") - text.find("\"aborted\":"));
    };
    const auto before = counted();
    {
      WireClient client(simulator_.port());
      client.post("/v1/messages", kHelloStream, "x-simulate: " + std::string(words) + "\r\n");
      client.set_patience_ms(50);
      while (client.read_some() == Silence::data) continue;
    }
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (counted() == before && std::chrono::steady_clock::now() < patience) continue;
    EXPECT_NE(counted(), before) << words;
  }
}

}  // namespace simulator_faults_test
}  // namespace relay
