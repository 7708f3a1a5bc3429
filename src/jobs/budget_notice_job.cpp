#include "jobs/budget_notice_job.h"

#include "service/notice.h"

#include <iterator>

namespace relay {

Task<> BudgetNoticeJob::run(const std::atomic<bool>& stopping) {
  auto uses = watch_.take();
  for (auto use = uses.begin(); use != uses.end(); ++use) {
    if (stopping) co_return ok;
    auto user_id = use->user_id;
    auto notice = budget_near_notice(*use);
    const auto told = co_await notifications_.tell(std::move(user_id), std::move(notice));
    // Who was erased meanwhile need not know.
    if (!told.has_error() || told.error().kind() == ErrorKind::not_found) continue;
    // What the store refuses for itself would stand in the way of all others.
    if (told.error().kind() != ErrorKind::unavailable) ++use;
    watch_.put_back({std::make_move_iterator(use), std::make_move_iterator(uses.end())});
    co_return told.error();
  }
  co_return ok;
}

}  // namespace relay
