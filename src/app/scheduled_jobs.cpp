#include "app/scheduled_jobs.h"

#include "app/start_up.h"

namespace relay {
std::vector<Job> scheduled_jobs(ScheduledJobParts parts) {
  std::vector<Job> all;
  all.push_back({.name = "keys that expire soon",
                 .every = std::chrono::hours(1),
                 .run = [parts](const std::atomic<bool>& stop) { return parts.notices.look_at_keys(stop); }});
  all.push_back(
      {.name = "limits that are nearly used",
       .every = std::chrono::minutes(5),
       .run = [parts](const std::atomic<bool>& stop) { return parts.notices.look_at_limits(stop); }});
  all.push_back({.name = "budgets that are nearly spent",
                 .every = std::chrono::seconds(5),
                 .run = [parts](const std::atomic<bool>& stop) { return parts.budget_notices.run(stop); }});
  all.push_back(
      {.name = "usage that another server left",
       .every = std::chrono::minutes(1),
       .run = [parts](const std::atomic<bool>&) { return store_left_usage(parts.slots, parts.usage); }});
  all.push_back(
      {.name = "clean-up", .every = parts.clean_up_interval, .run = [parts](const std::atomic<bool>& stop) {
         return run_clean_up(parts.clean_up, stop);
       }});
  return all;
}

}  // namespace relay
