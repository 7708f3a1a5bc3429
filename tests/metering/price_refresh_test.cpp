#include "metering/price_refresh.h"

#include "fakes/await.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace relay {
namespace price_refresh_test {

using namespace std::chrono_literals;
using test::await;

// One line, whose input can be changed; it may be away. Tells when it was read.
class OneLine final : public PriceStore {
 public:
  Task<std::vector<ModelPrice>> list() override {
    bool is_away = false;
    std::vector<ModelPrice> lines(1);
    {
      const std::lock_guard lock(mutex_);
      ++reads_;
      read_.notify_all();
      is_away = away_;
      lines[0].model = "m";
      lines[0].rates.input = input_;
    }
    if (is_away) co_return Error(ErrorKind::unavailable, "store_unavailable", "away");
    co_return lines;
  }
  Task<> put(std::vector<ModelPrice>) override { co_return ok; }
  Task<> insert(ModelPrice) override { co_return ok; }
  Task<> remove(PriceLineName) override { co_return ok; }

  void set(PicoUsd input, bool away = false) {
    const std::lock_guard lock(mutex_);
    input_ = input;
    away_ = away;
  }
  int reads() {
    const std::lock_guard lock(mutex_);
    return reads_;
  }
  bool is_read_again(int reads) {
    std::unique_lock lock(mutex_);
    return read_.wait_for(lock, 5s, [&] { return reads_ > reads; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable read_;
  int reads_ = 0;
  PicoUsd input_ = 1;
  bool away_ = false;
};

class PriceRefreshTest : public testing::Test {
 protected:
  PicoUsd price() const {
    const auto table = book_.table();
    const auto* line = table->find("m", "standard", 0, {});
    return line == nullptr ? -1 : line->rates.input;
  }
  OneLine store_;
  PriceBook book_{std::make_shared<const PriceTable>(std::vector<ModelPrice>())};
  PriceRefresh refresh_{store_, book_};
};

TEST_F(PriceRefreshTest, ReplacesTheTableOnlyWhenItIsAnother) {
  ASSERT_TRUE(await(refresh_.reload()).has_value());
  EXPECT_EQ(price(), 1);
  const auto version = book_.version();
  ASSERT_TRUE(await(refresh_.reload()).has_value());
  EXPECT_EQ(book_.version(), version);
  store_.set(2);
  ASSERT_TRUE(await(refresh_.reload()).has_value());
  EXPECT_EQ(price(), 2);
  EXPECT_NE(book_.version(), version);
}

TEST_F(PriceRefreshTest, KeepsTheTableWhileTheStoreIsAway) {
  ASSERT_TRUE(await(refresh_.reload()).has_value());
  store_.set(2, true);
  EXPECT_TRUE(await(refresh_.reload()).has_error());
  EXPECT_EQ(price(), 1);
}

TEST_F(PriceRefreshTest, ReadsAgainAtTheStartAndWithEveryNews) {
  refresh_.start();
  ASSERT_TRUE(store_.is_read_again(0));
  for (const bool told : {true, false}) {
    const auto reads = store_.reads();
    if (told) {
      refresh_.prices_changed();
    } else {
      refresh_.anything_changed();
    }
    EXPECT_TRUE(store_.is_read_again(reads)) << "long before the ten seconds are over";
  }
  refresh_.stop();
  refresh_.stop();
}

}  // namespace price_refresh_test
}  // namespace relay
