#include "upstream/select_account.h"

#include "upstream/affinity.h"
#include "upstream/draw.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace relay {
namespace {

constexpr double kShareMost = 1.25;
constexpr double kLoadFree = 16;        // so many calls of an account are never too many for a conversation
constexpr double kMuchSlower = 5;       // times the fastest, and
constexpr double kMuchSlowerMs = 5000;  // so much more: moving a conversation costs its cache
constexpr double kAlike = 1.25;

bool is_spent(const UpstreamAccount& account, WallTime now) {
  return account.daily_spend_cap && account.state->spent_today(now) >= *account.daily_spend_cap;
}

}  // namespace

void AccountSelector::gather(const AccountWish& wish, std::size_t from, std::size_t to, SteadyTime now,
                             WallTime wall_now) {
  usable_.clear();
  const bool is_only = wish.candidates.size() == 1;
  for (auto i = from; i < to; ++i) {
    const auto& candidate = wish.candidates[i];
    const auto& account = *candidate.account;
    if (std::ranges::find(wish.tried, &account) != wish.tried.end()) continue;
    auto& state = *account.state;
    const auto gate = is_only ? AccountState::Gate::open : state.gate(candidate.family, now);
    if (gate == AccountState::Gate::resting || is_spent(account, wall_now)) continue;
    const int load = state.in_flight();
    if (account.concurrency > 0 && load >= account.concurrency) continue;
    usable_.push_back({.candidate = &candidate,
                       .state = &state,
                       .weight = static_cast<double>(std::max(account.weight, 1)),
                       .load = static_cast<double>(load),
                       .needs_probe = gate == AccountState::Gate::probe});
  }
}

std::size_t AccountSelector::by_conversation(const AccountWish& wish, SteadyTime now) {
  double load = 1;
  double weights = 0;
  double fastest = 0;
  for (auto& usable : usable_) {
    usable.latency = usable.state->latency_ms(wish.streamed, now);
    load += usable.load;
    weights += usable.weight;
    if (usable.latency > 0 && (fastest == 0 || usable.latency < fastest)) fastest = usable.latency;
  }
  std::size_t best = usable_.size();
  std::size_t fallback = 0;
  double best_score = 0;
  for (std::size_t i = 0; i < usable_.size(); ++i) {
    const auto& usable = usable_[i];
    if (usable.load / usable.weight < usable_[fallback].load / usable_[fallback].weight) fallback = i;
    const double most = std::max(kLoadFree, std::ceil(kShareMost * load * usable.weight / weights));
    const bool is_slow =
        fastest > 0 && usable.latency > kMuchSlower * fastest && usable.latency > fastest + kMuchSlowerMs;
    if (usable.load + 1 > most || is_slow) continue;
    const double score =
        affinity_score(*wish.conversation, usable.candidate->hash, static_cast<int>(usable.weight));
    if (best != usable_.size() && score <= best_score) continue;
    best = i;
    best_score = score;
  }
  return best == usable_.size() ? fallback : best;
}

std::size_t AccountSelector::draw(double weights, std::size_t without) {
  double left = draw_unit(random_) * weights;
  std::size_t last = 0;
  for (std::size_t i = 0; i < usable_.size(); ++i) {
    if (i == without) continue;
    last = i;
    left -= usable_[i].weight;
    if (left < 0) break;
  }
  return last;
}

std::size_t AccountSelector::by_load(const AccountWish& wish, SteadyTime now) {
  const auto count = usable_.size();
  double weights = 0;
  for (const auto& usable : usable_) weights += usable.weight;
  const auto first = draw(weights, count);
  const auto second = draw(weights - usable_[first].weight, first);
  auto& a = usable_[first];
  auto& b = usable_[second];
  for (auto* usable : {&a, &b}) usable->latency = usable->state->latency_ms(wish.streamed, now);
  const double mean = weights / static_cast<double>(count);
  const bool knows_latency = a.latency > 0 && b.latency > 0;
  const auto cost = [&](const Usable& usable) {
    return (usable.load / usable.weight + 1 / mean) * (knows_latency ? usable.latency : 1);
  };
  return cost(b) * kAlike < cost(a) ? second : first;
}

SelectedAccount AccountSelector::select(const AccountWish& wish, SteadyTime now, WallTime wall_now) {
  const auto& candidates = wish.candidates;
  for (std::size_t from = 0; from < candidates.size();) {
    auto to = from + 1;
    while (to < candidates.size() && candidates[to].account->priority == candidates[from].account->priority)
      ++to;
    gather(wish, from, to, now, wall_now);
    while (!usable_.empty()) {
      std::size_t chosen = 0;
      if (usable_.size() > 1) chosen = wish.conversation ? by_conversation(wish, now) : by_load(wish, now);
      const auto usable = usable_[chosen];
      if (usable.state->try_begin(usable.candidate->account->concurrency)) {
        if (!usable.needs_probe) return {.candidate = usable.candidate};
        if (usable.state->begin_probe(usable.candidate->family, now))
          return {.candidate = usable.candidate, .is_probe = true};
        usable.state->end();
      }
      // Another worker was quicker.
      usable_.erase(usable_.begin() + static_cast<std::ptrdiff_t>(chosen));
    }
    from = to;
  }
  return {};
}

NoAccount why_not(const CandidateList& candidates, SteadyTime now, WallTime wall_now) {
  NoAccount no_account;
  bool any_spent = false;
  for (const auto& candidate : candidates) {
    auto rest = candidate.account->state->resting(candidate.family, now);
    if (!rest) {
      any_spent = any_spent || is_spent(*candidate.account, wall_now);
      continue;
    }
    no_account.why = NoAccount::Why::resting;
    // Of those that kept an answer the one that comes back first.
    const bool is_sooner = !no_account.until || rest->until < *no_account.until;
    if (rest->failure && (is_sooner || !no_account.failure)) no_account.failure = std::move(rest->failure);
    if (is_sooner) no_account.until = rest->until;
  }
  if (no_account.why != NoAccount::Why::resting && any_spent) no_account.why = NoAccount::Why::spent;
  return no_account;
}

AccountHold& AccountHold::operator=(AccountHold&& other) noexcept {
  if (this == &other) return *this;
  release();
  candidate_ = std::exchange(other.candidate_, nullptr);
  is_probe_ = std::exchange(other.is_probe_, false);
  began_ = other.began_;
  return *this;
}

void AccountHold::release() {
  const auto* candidate = std::exchange(candidate_, nullptr);
  if (candidate == nullptr) return;
  auto& state = *candidate->account->state;
  state.end();
  // It ended without having shown anything: the next one tries.
  if (std::exchange(is_probe_, false)) state.end_probe(candidate->family);
}

}  // namespace relay
