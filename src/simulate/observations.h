// What the simulator has seen, for tests that ask: counters, and the last request's bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace relay::simulate {

/// Thread-safe. Requests to /_simulate/ are not counted.
class Observations {
 public:
  static constexpr std::size_t kKeptBytesMax = 4 * 1024 * 1024;  // of a body; the rest is not kept

  void opened() { accepted_.fetch_add(1, kOrder), open_.fetch_add(1, kOrder); }
  void closed() { open_.fetch_sub(1, kOrder); }
  /// A request has come whole; its head and its body (decoded from chunks) as they came.
  void received(std::string_view head, std::string_view body);
  void answered() { answered_.fetch_add(1, kOrder); }
  /// The client had gone before the end of its answer; seen at that time.
  void aborted(std::int64_t at_ms) { aborted_.fetch_add(1, kOrder), last_abort_ms_.store(at_ms, kOrder); }

  /// JSON objects, as the README of this folder has them.
  std::string stats() const;
  std::string last() const;
  /// Counters back to nothing, but for the open connections.
  void reset();

 private:
  static constexpr auto kOrder = std::memory_order_relaxed;

  std::atomic<std::int64_t> accepted_{0}, open_{0}, requests_{0}, answered_{0}, aborted_{0},
      last_abort_ms_{0};
  mutable std::mutex mutex_;
  std::string head_;
  std::string body_;
  std::size_t body_bytes_ = 0;
};

}  // namespace relay::simulate
