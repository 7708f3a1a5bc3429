#pragma once

#include "net/worker.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <thread>
#include <type_traits>

namespace relay::test {

/// A worker whose loop runs on a thread of its own, as in the product. What lives on it is made and
/// destroyed with on_thread(), or before start() and after stop().
class RunningWorker {
 public:
  RunningWorker() : work_(worker.context().get_executor()) {}
  ~RunningWorker() { stop(); }
  RunningWorker(const RunningWorker&) = delete;
  RunningWorker& operator=(const RunningWorker&) = delete;

  void start() {
    thread_ = std::thread([this] { worker.context().run(); });
  }
  void stop() {
    worker.context().stop();
    if (thread_.joinable()) thread_.join();
  }

  /// Runs `work` on the worker's thread and waits for what it returns.
  template <class Work>
  std::invoke_result_t<Work&> on_thread(Work work) {
    std::packaged_task<std::invoke_result_t<Work&>()> task(std::move(work));
    auto done = task.get_future();
    boost::asio::post(worker.context(), [&task] { task(); });
    return done.get();
  }

  Worker worker{0};

 private:
  boost::asio::executor_work_guard<IoExecutor> work_;
  std::thread thread_;
};

}  // namespace relay::test
