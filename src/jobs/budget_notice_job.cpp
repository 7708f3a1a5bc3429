#include "jobs/budget_notice_job.h"

#include "service/notice.h"

namespace relay {

Task<> BudgetNoticeJob::run(const std::atomic<bool>& stopping) {
  for (const auto& use : watch_.take()) {
    if (stopping) co_return ok;
    auto user_id = use.user_id;
    auto notice = budget_near_notice(use);
    const auto told = co_await notifications_.tell(std::move(user_id), std::move(notice));
    // Who was erased meanwhile need not know.
    if (told.has_error() && told.error().kind() != ErrorKind::not_found) co_return told.error();
  }
  co_return ok;
}

}  // namespace relay
