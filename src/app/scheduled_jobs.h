// What comes again and again beside the requests, and how often.
#pragma once

#include "jobs/budget_notice_job.h"
#include "jobs/clean_up.h"
#include "jobs/notice_job.h"
#include "jobs/schedule.h"
#include "metering/journal_slots.h"
#include "store/usage_store.h"

#include <chrono>
#include <vector>

namespace relay {

struct ScheduledJobParts {  // all must outlive the jobs
  NoticeJob& notices;
  BudgetNoticeJob& budget_notices;
  JournalSlots& slots;
  UsageStore& usage;
  CleanUp& clean_up;
  std::chrono::milliseconds clean_up_interval;
};

std::vector<Job> scheduled_jobs(ScheduledJobParts parts);

}  // namespace relay
