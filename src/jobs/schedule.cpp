#include "jobs/schedule.h"

#include "observe/log.h"

#include <algorithm>

namespace relay {

Schedule::Schedule(std::vector<Job> jobs, const Clock& clock) : clock_(clock) {
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
  const auto outcome = loop_.wait_for(planned.job.run(stopping_));
  if (outcome.has_error()) {
    log_error(
        "jobs", "a job failed; it comes again",
        {{"job", planned.job.name}, {"code", outcome.error().code()}, {"cause", outcome.error().cause()}});
  }
  planned.due = clock_.steady_now() + planned.job.every;
}

}  // namespace relay
