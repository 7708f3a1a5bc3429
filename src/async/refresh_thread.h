// A thread that reads something again when it may have changed.
#pragma once

#include "async/own_loop.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace relay {

/// Reads at once, then on each wake(), at most once in `rest`, and every ten seconds without one; what failed
/// is tried again after `rest`. wake() is for any thread, and never waits for a reading.
class RefreshThread {
 public:
  using Reload = std::function<Task<>()>;
  using Failed = std::function<void(const Error&)>;

  /// `failed` is told of the first of several failures in a row, on the thread.
  RefreshThread(std::chrono::milliseconds rest, Reload reload, Failed failed);
  ~RefreshThread() { stop(); }
  RefreshThread(const RefreshThread&) = delete;
  RefreshThread& operator=(const RefreshThread&) = delete;

  void start();
  /// May be called twice.
  void stop();
  void wake();

 private:
  void run();

  const std::chrono::milliseconds rest_;
  const Reload reload_;
  const Failed failed_;
  OwnLoop loop_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool doubted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace relay
