#pragma once

#include "coordination/invalidation.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace relay::test {

/// Remembers what it was told, in words, on whatever thread.
class HearingListener final : public Invalidation::Listener {
 public:
  void key_changed(const ApiKeyHash& hash) override { hear("key " + hash.hex()); }
  void user_changed(const std::string& id) override { hear("user " + id); }
  void session_ended(const std::string& id) override { hear("session " + id); }
  void plan_changed(const std::string& id) override { hear("plan " + id); }
  void prices_changed() override { hear("prices"); }
  void accounts_changed() override { hear("accounts"); }
  void anything_changed() override { hear("anything"); }

  std::vector<std::string> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    heard_.clear();
  }
  /// False when it did not come in time.
  bool hears(const std::string& words, std::chrono::milliseconds within) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] {
      for (const auto& each : heard_) {
        if (each == words) return true;
      }
      return false;
    });
  }

 private:
  void hear(std::string words) {
    const std::lock_guard lock(mutex_);
    heard_.push_back(std::move(words));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heard_;
};

}  // namespace relay::test
