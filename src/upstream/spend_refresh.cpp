#include "upstream/spend_refresh.h"

#include "observe/log.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>

namespace relay {
namespace {

constexpr std::chrono::seconds kUntilStored{1};
constexpr std::size_t kMarksMax = 16;  // of a journal that is not stored for minutes

void tell_spending_unread(const Error& error) {
  log_warning("upstream",
              "what accounts spent today can't be read: what was read last counts, and what this "
              "node settles",
              {{"code", error.code()}, {"cause", error.cause()}});
}

}  // namespace

SpendRefresh::SpendRefresh(Parts parts)
    : parts_(std::move(parts)),
      thread_(
          kUntilStored, [this] { return step(); }, tell_spending_unread) {}

NanoUsd SpendRefresh::Mark::of(const AccountState& state) const {
  const auto found =
      std::ranges::find_if(settled, [&](const auto& each) { return each.first.get() == &state; });
  return found == settled.end() ? 0 : found->second;
}

Task<> SpendRefresh::step() {
  if (!is_marked_) {
    mark();
    is_marked_ = true;
    thread_.wake();
    co_return ok;
  }
  CO_CHECK(co_await read());
  is_marked_ = false;
  co_return ok;
}

void SpendRefresh::mark() {
  if (marks_.size() >= kMarksMax) return;
  Mark mark{.at = parts_.clock.now()};
  const auto pool = parts_.in_force.pool();
  for (const auto& account : pool->accounts())
    mark.settled.emplace_back(account.state, account.state->settled_on(mark.at));
  // Behind the sums: a record that comes between counts twice, not for nothing.
  mark.newest_record = parts_.newest_record();
  marks_.push_back(std::move(mark));
}

const SpendRefresh::Mark* SpendRefresh::newest_mark_stored(std::int64_t stored) {
  while (marks_.size() > 1 && marks_[1].newest_record <= stored) marks_.pop_front();
  return marks_.empty() || marks_.front().newest_record > stored ? nullptr : &marks_.front();
}

Task<> SpendRefresh::read() {
  const auto now = parts_.clock.now();
  // Before the sums: they have at least what is stored by then.
  CO_TRY(const auto stored, co_await parts_.usage.last_sequence(parts_.node_id));
  CO_TRY(const auto costs, co_await parts_.usage.costs_by_account(now));
  std::unordered_map<std::string_view, NanoUsd> by_account;
  for (const auto& cost : costs) by_account[cost.account_id] += cost.cost_nano_usd;

  const auto* mark = newest_mark_stored(stored);
  const bool is_of_today = mark != nullptr && std::chrono::floor<std::chrono::days>(mark->at) ==
                                                  std::chrono::floor<std::chrono::days>(now);
  const auto pool = parts_.in_force.pool();
  for (const auto& account : pool->accounts()) {
    const auto found = by_account.find(account.id);
    const auto settled_before = is_of_today ? mark->of(*account.state) : 0;
    account.state->know_stored(now, (found == by_account.end() ? 0 : found->second) - settled_before);
  }
  co_return ok;
}

}  // namespace relay
