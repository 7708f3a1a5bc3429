// Work that comes again and again beside the requests: one thread runs it, job by job.
#pragma once

#include "async/own_loop.h"
#include "async/task.h"
#include "base/clock.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace relay {

struct Job {
  std::string name;  // for the log
  std::chrono::milliseconds every{};
  /// Runs the job once, in pieces that each end soon; looks at the flag between them, and leaves when it is
  /// true. Every node runs it: it must not matter whether one does or ten.
  std::function<Task<>(const std::atomic<bool>& stopping)> run;
};

/// Every job runs at the start, then each `every` after it ended. One that fails is told in the log and comes
/// again at its time.
class Schedule {
 public:
  /// `clock`, and what the jobs use, must outlive it.
  Schedule(std::vector<Job> jobs, const Clock& clock);
  ~Schedule();  // stop()
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  void start();
  /// Waits for the job that runs. Before the store stops. May be called twice.
  void stop();

 private:
  struct Planned {
    Job job;
    SteadyTime due{};
  };

  void run();
  void run_job(Planned& planned);

  std::vector<Planned> jobs_;
  const Clock& clock_;
  OwnLoop loop_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable stop_came_;
  std::thread thread_;
};

}  // namespace relay
