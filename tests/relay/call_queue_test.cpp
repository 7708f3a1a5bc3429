#include "fakes/running_worker.h"
#include "relay/call_queue.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

namespace relay::test {
namespace call_queue_test {

using namespace std::chrono_literals;

// Everything but slot_free() happens on the worker's thread.
class CallQueueTest : public testing::Test {
 protected:
  void SetUp() override { running_.start(); }
  // Who waits forgets the queue before it goes.
  void TearDown() override {
    for (const auto& name : names_) end(name);
    until([this] { return running_.on_thread([this] { return places_.empty(); }); });
    running_.stop();
  }

  static void until(const auto& is_so) {
    for (int i = 0; i < 1000 && !is_so(); ++i) std::this_thread::sleep_for(5ms);
    ASSERT_TRUE(is_so());
  }

  // One call, by its name. It says how it came out, and keeps its slot.
  Awaitable<void> call(std::string name, std::string subject, std::string line) {
    QueuePlace place(*queue_, running_.worker, subject, line);
    if (!place.is_taken()) {
      came_.push_back(name + " full");
      co_return;
    }
    places_[name] = &place;
    bool goes_on = true;
    while (goes_on) {
      if (place.is_first() && slots_ > 0) {
        --slots_;
        place.admitted();
        came_.push_back(name);
        break;
      }
      goes_on = co_await place.wait();
    }
    if (!goes_on) came_.push_back(name + " over");
    places_.erase(name);
  }
  void join(const std::string& name, const std::string& line, const std::string& subject = "usr_1") {
    names_.push_back(name);
    running_.on_thread([&] {
      boost::asio::co_spawn(running_.worker.executor(), call(name, subject, line), boost::asio::detached);
    });
    // co_spawn begins it at the loop's next turn.
    running_.on_thread([] {});
  }
  void end(const std::string& name) {
    running_.on_thread([&] {
      if (places_.contains(name)) places_.at(name)->end();
    });
  }
  void free_slots(int count, std::string_view subject = "usr_1") {
    running_.on_thread([&] { slots_ += count; });
    queue_->slot_free(subject);
  }
  std::vector<std::string> came(std::size_t at_least) {
    until([&] { return running_.on_thread([&] { return came_.size(); }) >= at_least; });
    return running_.on_thread([this] { return came_; });
  }

  std::optional<CallQueue> queue_{std::in_place, CallQueue::Settings{.wait_max = 60s, .length_max = 5}};
  RunningWorker running_;
  int slots_ = 0;
  std::vector<std::string> came_;
  std::map<std::string, QueuePlace*> places_;
  std::vector<std::string> names_;
};

TEST_F(CallQueueTest, LinesTakeTurnsAndWithinOneWhoCameFirstIsFirst) {
  for (const auto* name : {"a1", "a2", "a3"}) join(name, "key_a");
  join("b1", "key_b");
  join("c1", "key_c");
  EXPECT_TRUE(queue_->has_waiting("usr_1"));
  EXPECT_FALSE(queue_->has_waiting("usr_2"));
  free_slots(1);
  EXPECT_EQ(came(1), std::vector<std::string>{"a1"});
  free_slots(2);
  came(3);
  free_slots(2);
  EXPECT_EQ(came(5), (std::vector<std::string>{"a1", "b1", "c1", "a2", "a3"}));
  until([this] { return !queue_->has_waiting("usr_1"); });
}

TEST_F(CallQueueTest, ItIsBounded) {
  for (const auto* name : {"1", "2", "3", "4", "5", "6"}) join(name, "key_a");
  EXPECT_EQ(came(1), std::vector<std::string>{"6 full"});
  join("other", "key_a", "usr_2");
  free_slots(1, "usr_2");
  EXPECT_EQ(came(2).back(), "other") << "subjects don't fill each other";
}

TEST_F(CallQueueTest, WhoLeavesGivesItsTurnOn) {
  join("a1", "key_a");
  join("b1", "key_b");
  join("a2", "key_a");
  running_.on_thread([this] { slots_ = 1; });  // a slot that nobody has been told of
  end("a1");
  EXPECT_EQ(came(2), (std::vector<std::string>{"a1 over", "a2"})) << "its line keeps the turn";
}

TEST_F(CallQueueTest, TheWaitIsBounded) {
  queue_.emplace(CallQueue::Settings{.wait_max = 50ms, .length_max = 5});
  join("a1", "key_a");
  EXPECT_EQ(came(1), std::vector<std::string>{"a1 over"});
  EXPECT_FALSE(queue_->has_waiting("usr_1"));
}

TEST_F(CallQueueTest, ASlotThatIsFreeElsewhereIsFoundByLookingAgain) {
  join("a1", "key_a");
  running_.on_thread([this] { slots_ = 1; });
  EXPECT_EQ(came(1), std::vector<std::string>{"a1"});
}

// Places are on the loops of several workers.
TEST(CallQueues, HandsSlotsOverBetweenThreads) {
  constexpr int kCalls = 300;
  CallQueue queue({.wait_max = 60s, .length_max = 2 * kCalls});
  RunningWorker first;
  RunningWorker second;
  std::atomic<int> slots{1};
  std::atomic<int> done{0};
  std::atomic<int> failed{0};
  struct Caller {
    static Awaitable<void> call(CallQueue& queue, Worker& worker, std::string line, std::atomic<int>& slots,
                                std::atomic<int>& done, std::atomic<int>& failed) {
      {
        QueuePlace place(queue, worker, "usr_1", line);
        bool goes_on = place.is_taken();
        bool is_admitted = false;
        while (goes_on && !is_admitted) {
          int one = 1;
          if (place.is_first() && slots.compare_exchange_strong(one, 0)) {
            place.admitted();
            is_admitted = true;
          } else {
            goes_on = co_await place.wait();
          }
        }
        if (!is_admitted) failed.fetch_add(1);
      }
      slots.store(1);
      queue.slot_free("usr_1");
      done.fetch_add(1);
    }
  };
  first.start();
  second.start();
  for (int i = 0; i < kCalls; ++i) {
    auto& worker = i % 2 == 0 ? first.worker : second.worker;
    boost::asio::co_spawn(worker.executor(),
                          Caller::call(queue, worker, "key_" + std::to_string(i % 7), slots, done, failed),
                          boost::asio::detached);
  }
  for (int i = 0; i < 6000 && done < kCalls; ++i) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(done, kCalls);
  EXPECT_EQ(failed, 0);
  first.stop();
  second.stop();
}

}  // namespace call_queue_test
}  // namespace relay::test
