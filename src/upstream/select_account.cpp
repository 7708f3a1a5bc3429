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
constexpr int kSecondsDrawn = 3;

bool is_spent(const UpstreamAccount& account, WallTime now) {
  return account.daily_spend_cap && account.state->spent_today(now) >= *account.daily_spend_cap;
}

}  // namespace

// Nothing: it can't take the call.
std::optional<AccountSelector::Usable> AccountSelector::look_at(const AccountWish& wish,
                                                                const Candidate& candidate, Moment moment) {
  const auto& account = *candidate.account;
  if (std::ranges::find(wish.tried, &account) != wish.tried.end()) return {};
  auto& state = *account.state;
  const bool is_only = wish.candidates.size() == 1;
  const auto gate = is_only ? AccountState::Gate::open : state.gate(candidate.family, moment.now);
  if (gate == AccountState::Gate::resting || is_spent(account, moment.wall_now)) return {};
  const int load = state.in_flight();
  if (account.concurrency > 0 && load >= account.concurrency) return {};
  return Usable{.candidate = &candidate,
                .state = &state,
                .weight = static_cast<double>(candidate.weight),
                .load = static_cast<double>(load),
                .needs_probe = gate == AccountState::Gate::probe};
}

// Nothing: another worker was quicker.
std::optional<SelectedAccount> AccountSelector::begin(const Usable& usable, Moment moment) {
  if (!usable.state->try_begin(usable.candidate->account->concurrency)) return {};
  if (!usable.needs_probe) return SelectedAccount{.candidate = usable.candidate};
  if (usable.state->begin_probe(usable.candidate->family, moment.now))
    return SelectedAccount{.candidate = usable.candidate, .is_probe = true};
  usable.state->end();
  return {};
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

template <class Weighted>
std::size_t AccountSelector::draw(std::span<Weighted> among, std::int64_t weights, std::size_t without) {
  auto left = static_cast<std::int64_t>(draw_unit(random_) * static_cast<double>(weights));
  std::size_t last = 0;
  for (std::size_t i = 0; i < among.size(); ++i) {
    if (i == without) continue;
    last = i;
    left -= static_cast<std::int64_t>(among[i].weight);
    if (left < 0) break;
  }
  return last;
}

const AccountSelector::Usable& AccountSelector::less_busy(const AccountWish& wish, Usable& a, Usable& b,
                                                          double mean, Moment moment) {
  for (auto* usable : {&a, &b}) usable->latency = usable->state->latency_ms(wish.streamed, moment.now);
  const bool knows_latency = a.latency > 0 && b.latency > 0;
  const auto cost = [&](const Usable& usable) {
    return (usable.load / usable.weight + 1 / mean) * (knows_latency ? usable.latency : 1);
  };
  return cost(b) * kAlike < cost(a) ? b : a;
}

std::size_t AccountSelector::by_load(const AccountWish& wish, Moment moment) {
  const std::span usable(usable_);
  std::int64_t weights = 0;
  for (const auto& each : usable) weights += each.candidate->weight;
  const auto first = draw(usable, weights, usable.size());
  const auto second = draw(usable, weights - usable[first].candidate->weight, first);
  const double mean = static_cast<double>(weights) / static_cast<double>(usable.size());
  return &less_busy(wish, usable[first], usable[second], mean, moment) == &usable[first] ? first : second;
}

// Mostly all accounts are well: two are drawn, and no other is looked at. Nothing: it was not as easy.
std::optional<SelectedAccount> AccountSelector::at_once(const AccountWish& wish, Group group, Moment moment) {
  if (wish.conversation || group.size() < 3) return {};
  std::int64_t weights = 0;
  for (const auto& candidate : group) weights += candidate.weight;
  const double mean = static_cast<double>(weights) / static_cast<double>(group.size());
  const auto first = draw(group, weights, group.size());
  auto a = look_at(wish, group[first], moment);
  if (!a) return {};
  // Few tries, but not one: whoever is drawn first would else depend on who rests.
  for (int tries = 0; tries < kSecondsDrawn; ++tries) {
    auto b = look_at(wish, group[draw(group, weights - group[first].weight, first)], moment);
    if (b) return begin(less_busy(wish, *a, *b, mean, moment), moment);
  }
  return {};
}

SelectedAccount AccountSelector::of_all(const AccountWish& wish, Group group, Moment moment) {
  usable_.clear();
  for (const auto& candidate : group) {
    if (auto usable = look_at(wish, candidate, moment)) usable_.push_back(*usable);
  }
  while (!usable_.empty()) {
    std::size_t chosen = 0;
    if (usable_.size() > 1)
      chosen = wish.conversation ? by_conversation(wish, moment.now) : by_load(wish, moment);
    if (const auto selected = begin(usable_[chosen], moment)) return *selected;
    usable_.erase(usable_.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  return {};
}

SelectedAccount AccountSelector::select(const AccountWish& wish, SteadyTime now, WallTime wall_now) {
  const Moment moment{.now = now, .wall_now = wall_now};
  for (Group rest(wish.candidates); !rest.empty();) {
    const auto is_later = [&](const Candidate& each) { return each.priority != rest.front().priority; };
    const auto count = static_cast<std::size_t>(std::ranges::find_if(rest, is_later) - rest.begin());
    const auto group = rest.first(count);
    if (const auto selected = at_once(wish, group, moment)) return *selected;
    if (const auto selected = of_all(wish, group, moment); selected.candidate != nullptr) return selected;
    rest = rest.subspan(count);
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
