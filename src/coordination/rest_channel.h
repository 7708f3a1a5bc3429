// That an upstream account rests, told among nodes. Over Redis: coordination/redis. Without, each node finds
// out by itself.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace relay {

/// What one node tells the others.
struct RestNews {
  std::string account_id;
  std::string family;  // of models; empty: the whole account
  std::string reason;  // a word of upstream/rest_rules.h
  std::chrono::milliseconds time{};
};

/// Thread-safe. News that is lost costs each node an attempt of its own, no more.
class RestChannel {
 public:
  virtual ~RestChannel() = default;

  /// To the other nodes; no waiting.
  virtual void tell(const RestNews& news) = 0;

  /// Called with each news of another node and that node's id, on the thread that hears it. Before start-up
  /// is over; whoever is called outlives the channel's client.
  void on_heard(std::function<void(const RestNews&, const std::string& node)> heard) {
    heard_ = std::move(heard);
  }

 protected:
  std::function<void(const RestNews&, const std::string& node)> heard_;
};

/// For one node: nobody is told.
class NoRestChannel final : public RestChannel {
 public:
  void tell(const RestNews&) override {}
};

}  // namespace relay
