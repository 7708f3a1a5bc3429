#include "service/budget_watch.h"

#include <utility>

namespace relay {

void BudgetWatch::note(const QuotaCall& call, const QuotaLimit& limit, std::int64_t spent) {
  constexpr std::size_t kNotedMax = 50'000;
  const int percent = spent >= limit.limit ? 100 : 80;
  const bool of_key = limit.owner == QuotaOwner::key;
  std::string name(of_key ? call.key_id : call.user_id);
  name.append(" ").append(std::to_string(static_cast<int>(limit.owner)));
  name.append(" ").append(std::to_string(static_cast<int>(limit.kind)));
  name.append(" ").append(std::to_string(limit.starts_at.time_since_epoch().count()));
  name.append(" ").append(std::to_string(limit.limit)).append(" ").append(std::to_string(percent));
  const std::lock_guard lock(mutex_);
  if (noted_.size() >= kNotedMax) noted_.clear();
  if (!noted_.insert(std::move(name)).second) return;
  uses_.push_back({.user_id = std::string(call.user_id),
                   .key_id = std::string(of_key ? call.key_id : std::string_view()),
                   .limit = limit,
                   .spent = spent,
                   .percent = percent});
}

std::vector<BudgetUse> BudgetWatch::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(uses_, {});
}

}  // namespace relay
