// Calls that wait for a slot in the place of being refused.
#include "relay/relay_under_test.h"

namespace relay::test {
namespace pipeline_queue_test {

using namespace std::chrono_literals;

class PipelineQueue : public RelayUnderTest {
 protected:
  PipelineQueue() {
    queue_settings_ = {.wait_max = 60s, .length_max = 1};
    access_.limits.concurrency = 1;
  }
  // One answer for each go().
  void start_held() {
    start([this](BlockingSocket& provider, int) {
      while (!provider.receive_message().empty()) {
        arrived_.fetch_add(1);
        while (answered_.load() >= allowed_.load()) std::this_thread::sleep_for(2ms);
        answered_.fetch_add(1);
        provider.send(answer_of(kMessageJson));
      }
    });
  }
  void TearDown() override {
    allowed_ = 1000;
    RelayUnderTest::TearDown();
  }
  static void until(const auto& is_so) {
    for (int i = 0; i < 1000 && !is_so(); ++i) std::this_thread::sleep_for(5ms);
    ASSERT_TRUE(is_so());
  }
  BlockingSocket call() {
    auto client = dial();
    client.send(request("", R"({"model":"claude-sonnet-4-5","max_tokens":100})"));
    return client;
  }
  static std::string status_of(const std::string& answer) { return answer.substr(9, 3); }

  std::atomic<int> arrived_{0};
  std::atomic<int> answered_{0};
  std::atomic<int> allowed_{0};
};

TEST_F(PipelineQueue, ACallPastTheConcurrencyLimitWaitsForItsTurn) {
  start_held();
  auto first = call();
  until([this] { return arrived_ == 1; });
  auto second = call();
  until([this] { return queues_->of_limits.has_waiting("key_1"); });
  auto third = call();
  const auto refused = third.receive_message();
  EXPECT_EQ(status_of(refused), "429") << "the queue is full";
  EXPECT_NE(refused.find("limit of 1 concurrent requests is reached"), std::string::npos) << refused;
  EXPECT_EQ(arrived_, 1);
  allowed_ = 2;
  EXPECT_EQ(status_of(first.receive_message()), "200");
  EXPECT_EQ(status_of(second.receive_message()), "200");
  until([this] { return leases_.running("key_1") == 0; });
}

TEST_F(PipelineQueue, AndSoForTheLimitOfAUser) {
  access_.limits.concurrency = 0;
  access_.user_limits.concurrency = 1;
  start_held();
  auto first = call();
  until([this] { return arrived_ == 1; });
  auto second = call();
  until([this] { return queues_->of_limits.has_waiting("usr_1"); });
  allowed_ = 2;
  EXPECT_EQ(status_of(first.receive_message()), "200");
  EXPECT_EQ(status_of(second.receive_message()), "200");
}

TEST_F(PipelineQueue, TheWaitEndsWithTheRefusal) {
  queue_settings_.wait_max = 100ms;
  start_held();
  auto first = call();
  until([this] { return arrived_ == 1; });
  auto second = call();
  const auto refused = second.receive_message();
  EXPECT_EQ(status_of(refused), "429") << refused;
  EXPECT_NE(refused.find("Retry-After: 1\r\n"), std::string::npos) << refused;
  allowed_ = 1;
  EXPECT_EQ(status_of(first.receive_message()), "200");
}

TEST_F(PipelineQueue, AClientThatLeavesLeavesTheQueue) {
  start_held();
  auto first = call();
  until([this] { return arrived_ == 1; });
  {
    auto second = call();
    until([this] { return queues_->of_limits.has_waiting("key_1"); });
  }
  until([this] { return !queues_->of_limits.has_waiting("key_1"); });
  auto third = call();
  until([this] { return queues_->of_limits.has_waiting("key_1"); });
  allowed_ = 2;
  EXPECT_EQ(status_of(first.receive_message()), "200");
  EXPECT_EQ(status_of(third.receive_message()), "200");
  EXPECT_EQ(arrived_, 2) << "who had left was never sent";
}

TEST_F(PipelineQueue, WhereEveryAccountIsBusyACallWaitsForOne) {
  access_.limits.concurrency = 0;
  upstream_.reset();
  auto script = [this](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) {
      arrived_.fetch_add(1);
      while (answered_.load() >= allowed_.load()) std::this_thread::sleep_for(2ms);
      answered_.fetch_add(1);
      provider.send(answer_of(kMessageJson));
    }
  };
  upstream_.emplace(script);
  auto account = UpstreamAccount::from_settings("acc_1", Provider::anthropic,
                                                "http://127.0.0.1:" + std::to_string(upstream_->port()),
                                                "sk-ant-up", "URL")
                     .value();
  account.concurrency = 1;
  more_accounts_.push_back(std::move(account));
  start_before_port(upstream_->port());
  auto first = call();
  until([this] { return arrived_ == 1; });
  auto second = call();
  until([this] { return queues_->of_accounts.has_waiting("accounts/acc_1/"); });
  auto third = call();
  const auto refused = third.receive_message();
  EXPECT_EQ(status_of(refused), "529") << refused;
  allowed_ = 2;
  EXPECT_EQ(status_of(first.receive_message()), "200");
  EXPECT_EQ(status_of(second.receive_message()), "200");
}

}  // namespace pipeline_queue_test
}  // namespace relay::test
