// A loop for a thread that has none: where work beside the requests waits for coroutines.
#pragma once

#include "async/task.h"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>
#include <string>

namespace relay {

/// Used by one thread at a time, never by an I/O thread: it blocks.
class OwnLoop {
 public:
  /// Starts it; finish() runs it. What it throws, finish() throws.
  void begin(Awaitable<void> work) { boost::asio::co_spawn(io_.get_executor(), std::move(work), rethrow); }

  /// Runs all that was begun to its end.
  void finish() {
    io_.restart();
    io_.run();
  }

  /// Runs one call to its end; not between begin() and finish(). internal "work_failed" for one that throws.
  template <class T>
  Result<T> wait_for(Task<T> work) {
    std::optional<Result<T>> outcome;
    begin(keep_outcome(std::move(work), outcome));
    std::string thrown = "the call did not return";
    try {
      finish();
    } catch (const std::exception& failure) {
      thrown = failure.what();
    }
    if (outcome) return *std::move(outcome);
    return Error(ErrorKind::internal, "work_failed", "Internal error").because(std::move(thrown));
  }

 private:
  template <class T>
  static Awaitable<void> keep_outcome(Task<T> work, std::optional<Result<T>>& outcome) {
    auto result = co_await std::move(work);
    outcome.emplace(std::move(result));
  }
  static void rethrow(std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  }

  boost::asio::io_context io_{1};
};

}  // namespace relay
