// Runs one coroutine to its end where there is no event loop yet: start-up and commands.
#pragma once

#include "async/task.h"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>

namespace relay {

namespace run_task_detail {

template <class T>
Awaitable<void> keep_outcome(Awaitable<T> work, std::optional<T>& outcome) {
  auto value = co_await std::move(work);
  outcome.emplace(std::move(value));
}

inline void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace run_task_detail

/// Blocks until `work` is done, on an io_context of its own. Never on an I/O thread.
template <class T>
T run_task(Awaitable<T> work) {
  boost::asio::io_context context(1);
  std::optional<T> outcome;
  boost::asio::co_spawn(context.get_executor(), run_task_detail::keep_outcome(std::move(work), outcome),
                        run_task_detail::rethrow);
  context.run();
  return std::move(outcome).value();
}

}  // namespace relay
