// One core's share of the program: its event loop and what lives on it.
#pragma once

#include "async/deadline_wheel.h"
#include "async/task.h"

#include <array>
#include <span>

namespace relay {

/// Everything in here belongs to the thread that runs `context`. Nothing is shared with other cores.
class Worker {
 public:
  explicit Worker(int number);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  boost::asio::io_context& context() { return context_; }
  IoExecutor executor() { return context_.get_executor(); }
  DeadlineWheel& wheel() { return wheel_; }
  int number() const { return number_; }

  /// Where bytes that only pass through are read to. Valid until the next co_await.
  std::span<char> scratch() { return scratch_; }

 private:
  const int number_;
  boost::asio::io_context context_;
  DeadlineWheel wheel_;
  std::array<char, 64 * 1024> scratch_;
};

}  // namespace relay
