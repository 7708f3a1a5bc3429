#include "jobs/schedule.h"

#include "observe/log.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <optional>

namespace relay {
namespace {

Awaitable<void> keep_outcome(Task<> work, std::optional<Result<>>& outcome) {
  auto result = co_await std::move(work);
  outcome.emplace(std::move(result));
}

void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

struct Schedule::Context {
  boost::asio::io_context io{1};
};

Schedule::Schedule(std::vector<Job> jobs, const Clock& clock)
    : clock_(clock), context_(std::make_unique<Context>()) {
  for (auto& job : jobs) jobs_.push_back({.job = std::move(job)});
}

Schedule::~Schedule() { stop(); }

void Schedule::start() {
  thread_ = std::thread([this] { run(); });
}

void Schedule::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_came_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Schedule::run() {
  while (!stopping_ && !jobs_.empty()) {
    auto& next = *std::ranges::min_element(jobs_, {}, &Planned::due);
    const auto wait = next.due - clock_.steady_now();
    if (wait > wait.zero()) {
      std::unique_lock lock(mutex_);
      stop_came_.wait_for(lock, wait, [this] { return stopping_.load(); });
      continue;
    }
    run_job(next);
  }
}

void Schedule::run_job(Planned& planned) {
  std::optional<Result<>> outcome;
  boost::asio::co_spawn(context_->io.get_executor(), keep_outcome(planned.job.run(stopping_), outcome),
                        rethrow);
  context_->io.restart();
  context_->io.run();
  if (outcome && outcome->has_error()) {
    log_error(
        "jobs", "a job failed; it comes again",
        {{"job", planned.job.name}, {"code", outcome->error().code()}, {"cause", outcome->error().cause()}});
  }
  planned.due = clock_.steady_now() + planned.job.every;
}

}  // namespace relay
