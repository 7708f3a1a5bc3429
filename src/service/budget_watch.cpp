#include "service/budget_watch.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>

namespace relay {
namespace {

constexpr std::size_t kNotedMax = 50'000;

// Two of 50,000 are alike once in ten billion times: then one notice is not sent.
std::uint64_t mark_of(std::string_view name, const QuotaLimit& limit, int percent) {
  std::uint64_t mark = std::hash<std::string_view>{}(name);
  const auto mix = [&mark](std::int64_t part) {
    mark = (mark ^ static_cast<std::uint64_t>(part)) * 0x9E3779B97F4A7C15U;
    mark ^= mark >> 32;
  };
  mix(static_cast<std::int64_t>(limit.owner) * 1'000 + static_cast<std::int64_t>(limit.kind) * 100);
  mix(limit.starts_at.time_since_epoch().count());
  mix(limit.limit);
  mix(percent);
  return mark == 0 ? 1 : mark;
}

std::uint64_t mark_of(const BudgetUse& use) {
  return mark_of(use.limit.owner == QuotaOwner::key ? use.key_id : use.user_id, use.limit, use.percent);
}

}  // namespace

void BudgetWatch::note(const QuotaCall& call, const QuotaLimit& limit, std::int64_t spent) {
  const int percent = spent >= limit.limit ? 100 : 80;
  const bool of_key = limit.owner == QuotaOwner::key;
  const auto mark = mark_of(of_key ? call.key_id : call.user_id, limit, percent);
  if (place_of(mark).load(std::memory_order_relaxed) == mark) return;
  const std::lock_guard lock(mutex_);
  if (noted_.size() >= kNotedMax) noted_.clear();
  if (!noted_.contains(mark)) {
    if (uses_.size() >= kWaitingMax) return;
    noted_.insert(mark);
    uses_.push_back({.user_id = std::string(call.user_id),
                     .key_id = std::string(of_key ? call.key_id : std::string_view()),
                     .limit = limit,
                     .spent = spent,
                     .percent = percent});
  }
  place_of(mark).store(mark, std::memory_order_relaxed);
}

std::vector<BudgetUse> BudgetWatch::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(uses_, {});
}

void BudgetWatch::put_back(std::vector<BudgetUse> uses) {
  const std::lock_guard lock(mutex_);
  std::ranges::move(uses_, std::back_inserter(uses));
  for (std::size_t i = kWaitingMax; i < uses.size(); ++i) {
    const auto mark = mark_of(uses[i]);
    noted_.erase(mark);
    auto seen = mark;
    place_of(mark).compare_exchange_strong(seen, 0, std::memory_order_relaxed);
  }
  if (uses.size() > kWaitingMax) uses.resize(kWaitingMax);
  uses_ = std::move(uses);
}

}  // namespace relay
