// The client leaves, or does not read.
#include "relay/relay_under_test.h"

#include <fstream>

namespace relay {
namespace pipeline_cancel_test {

using namespace std::chrono_literals;
using test::BlockingSocket;
using test::chunk_of;

class PipelineCancel : public test::RelayUnderTest {
 protected:
  std::atomic<bool> provider_closed_in_time_{false};
  std::atomic<bool> ready_{false};
  void await_ready() {  // a provider that is held back tries on for seconds: the kernel takes a little now
                        // and then
    for (int i = 0; i < 10'000 && !ready_; ++i) std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(ready_);
  }
  void await_running(std::int64_t calls) {
    for (int i = 0; i < 400 && leases_.running("key_1") != calls; ++i) std::this_thread::sleep_for(5ms);
    EXPECT_EQ(leases_.running("key_1"), calls);
  }
};

TEST_F(PipelineCancel, BeforeTheHead) {
  access_.limits.concurrency = 5;
  start([this](BlockingSocket& provider, int) {
    provider.receive_message();
    ready_ = true;
    provider_closed_in_time_ = provider.closes_within(2s);
  });
  {
    auto client = dial();
    client.send(request());
    await_ready();
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(leases_.running("key_1"), 1);
  }
  const auto left_at = std::chrono::steady_clock::now();
  const auto record = records(1).at(0);
  EXPECT_LT(std::chrono::steady_clock::now() - left_at, 300ms);
  EXPECT_EQ(record.outcome, AttemptOutcome::client_gone);
  EXPECT_TRUE(record.estimated);
  EXPECT_GT(record.usage.input_tokens, 0);
  await_running(0);
  upstream_.reset();
  EXPECT_TRUE(provider_closed_in_time_);
}

TEST_F(PipelineCancel, InTheStream) {
  std::atomic<long> took_ms{-1};
  std::atomic<std::int64_t> left_at_ms{0};
  const auto now_ms = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  };
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::joined(test::message_events(), 4)));
    if (provider.closes_within(3s)) took_ms = now_ms() - left_at_ms;
  });
  auto client = dial();
  client.send(request());
  client.receive_until("an answer.");
  left_at_ms = now_ms();
  client.close();
  const auto record = records(1).at(0);
  EXPECT_EQ(record.outcome, AttemptOutcome::client_gone);
  EXPECT_EQ(record.usage.input_tokens, 25);
  EXPECT_GE(record.usage.output_tokens, 25 / kEstimatedBytesPerToken);
  EXPECT_TRUE(record.estimated);
  upstream_.reset();
  EXPECT_GE(took_ms, 0);
  EXPECT_LT(took_ms, 150);
}

TEST_F(PipelineCancel, WhileConnecting) {
  access_.limits.concurrency = 5;
  const test::LoopbackListener deaf(0);
  auto fill = BlockingSocket::to_port(deaf.port());
  upstream_limits_.connect = 300ms;
  start_before_port(deaf.port());
  {
    auto client = dial();
    client.send(request());
    await_running(1);
  }
  await_running(0);
  EXPECT_EQ(journal_->last_sequence(), 0) << "nothing reached the provider";
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

TEST_F(PipelineCancel, WhileItDoesNotReadAnythingIsHeldBack) {
  const std::string piece = chunk_of(test::event(
      "content_block_delta", R"({"type":"content_block_delta","delta":{"type":"text_delta","text":")" +
                                 std::string(60'000, 'x') + "\"}}"));
  std::atomic<std::size_t> taken{0};
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    const timeval patience{.tv_sec = 0, .tv_usec = 400'000};
    ::setsockopt(provider.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::message_events()[0]));
    while (taken < 100'000'000 && provider.send(piece)) taken += piece.size();
    ready_ = true;
    provider_closed_in_time_ = provider.closes_within(5s);
  });
  auto client = dial(4096);
  const auto before = resident_bytes();
  client.send(request());
  await_ready();
  EXPECT_LT(taken, 30'000'000U) << "the kernel's buffers hold some; the relay must not read on";
  EXPECT_LT(resident_bytes(), before + 16'000'000) << "the sanitizer's own share included";
  client.close();
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::client_gone);
  upstream_.reset();
  EXPECT_TRUE(provider_closed_in_time_);
}

TEST_F(PipelineCancel, ADrainLetsARunningStreamEnd) {
  const auto events = test::message_events();
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::joined(events, 3)));
    for (int i = 0; i < 1000 && !ready_; ++i) std::this_thread::sleep_for(1ms);
    provider.send(chunk_of(test::joined(events).substr(test::joined(events, 3).size())) + "0\r\n\r\n");
  });
  auto client = dial();
  client.send(request());
  client.receive_until("ping");
  running_.on_thread([this] { server_->drain(); });
  ready_ = true;
  EXPECT_TRUE(client.receive_all().ends_with("0\r\n\r\n"));
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::completed);
}

TEST_F(PipelineCancel, TheDrainLimitSettlesWhatItCuts) {
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::joined(test::message_events(), 4)));
    provider_closed_in_time_ = provider.closes_within(2s);
  });
  auto client = dial();
  client.send(request());
  client.receive_until("an answer.");
  running_.on_thread([this] { server_->close_all(); });
  EXPECT_EQ(records(1).at(0).usage.input_tokens, 25);
  upstream_.reset();
  EXPECT_TRUE(provider_closed_in_time_);
}

}  // namespace pipeline_cancel_test
}  // namespace relay
