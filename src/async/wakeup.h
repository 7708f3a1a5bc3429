// One coroutine waits for news that others of its loop bring.
#pragma once

#include "async/task.h"

#include <boost/asio/post.hpp>

#include <optional>
#include <utility>

namespace relay {

/// News that comes while nobody waits is kept. Belongs to one io_context and its thread; must outlive who
/// waits.
class Wakeup {
 public:
  explicit Wakeup(IoExecutor executor) : executor_(executor) {}
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  /// Who waits goes on at the loop's next turn.
  void wake() {
    if (!waiter_) {
      woken_ = true;
      return;
    }
    boost::asio::post(executor_, *std::exchange(waiter_, std::nullopt));
  }

  /// One at a time. Comes back at once when there has been news since the last time.
  Awaitable<void> wait() {
    if (!std::exchange(woken_, false)) static_cast<void>(co_await suspend());
  }

 private:
  using Waiter = boost::asio::async_result<boost::asio::use_awaitable_t<IoExecutor>, void()>::handler_type;

  Awaitable<void> suspend() {
    auto keep = [this](auto handler) { waiter_.emplace(std::move(handler)); };
    const boost::asio::use_awaitable_t<IoExecutor> here;
    return boost::asio::async_initiate<decltype(here), void()>(std::move(keep), here);
  }

  IoExecutor executor_;
  std::optional<Waiter> waiter_;
  bool woken_ = false;
};

}  // namespace relay
