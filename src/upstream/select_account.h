// Which of the accounts that could serve a call does.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "upstream/candidates.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace relay {

/// What is asked for.
struct AccountWish {
  const CandidateList& candidates;
  bool streamed = false;
  std::optional<std::uint64_t> conversation{};      // its hash; nothing: any account will do
  std::span<const UpstreamAccount* const> tried{};  // not again
};

struct SelectedAccount {
  const Candidate* candidate = nullptr;  // null: none can, see why_not()
  bool is_probe = false;                 // the one call that finds out whether it is well again
};

/// Takes the lowest priority of which an account is not resting, under its concurrency and under its spend
/// cap. Among its accounts:
/// - a conversation goes to the one with its highest score (affinity.h), unless that has more than 1.25 times
///   its share of what is in flight (16 calls are never too many), or is much slower than the fastest; then
///   to the next, and back when that is over;
/// - else two are drawn by weight, and the one with less load, times latency, takes it; a difference of a
///   quarter is none.
/// A candidate that is the only one is taken although it rests: nothing is won by sparing it.
/// One per worker: it has room that it uses again.
class AccountSelector {
 public:
  explicit AccountSelector(Random& random) : random_(random) {}

  /// The account's call is counted: whoever gets one ends it (AccountHold).
  SelectedAccount select(const AccountWish& wish, SteadyTime now, WallTime wall_now);

 private:
  struct Usable {
    const Candidate* candidate;
    AccountState* state;
    double weight;
    double load;  // calls in flight
    bool needs_probe;
    double latency = 0;  // looked up where it is compared; 0: not known
  };
  struct Moment {
    SteadyTime now;
    WallTime wall_now;
  };
  using Group = std::span<const Candidate>;  // of one priority

  static std::optional<Usable> look_at(const AccountWish& wish, const Candidate& candidate, Moment moment);
  static const Usable& less_busy(const AccountWish& wish, Usable& a, Usable& b, double mean, Moment moment);
  static std::optional<SelectedAccount> begin(const Usable& usable, Moment moment);
  std::optional<SelectedAccount> at_once(const AccountWish& wish, Group group, Moment moment);
  SelectedAccount of_all(const AccountWish& wish, Group group, Moment moment);
  std::size_t by_conversation(const AccountWish& wish, SteadyTime now);
  std::size_t by_load(const AccountWish& wish, Moment moment);
  template <class Weighted>
  std::size_t draw(std::span<Weighted> among, std::int64_t weights, std::size_t without);

  Random& random_;
  std::vector<Usable> usable_;
};

/// Why none could be selected.
struct NoAccount {
  enum class Why : std::uint8_t { resting, busy, spent };
  Why why = Why::busy;
  std::optional<SteadyTime> until{};             // when the first that rests may be tried again
  std::shared_ptr<const KeptFailure> failure{};  // what a provider said that went to rest
};
NoAccount why_not(const CandidateList& candidates, SteadyTime now, WallTime wall_now);

/// A call's hold on its account: counted while it lives. One thread at a time.
class AccountHold {
 public:
  AccountHold() = default;
  AccountHold(const SelectedAccount& selected, SteadyTime now)
      : candidate_(selected.candidate), is_probe_(selected.is_probe), began_(now) {}
  ~AccountHold() { release(); }
  AccountHold(AccountHold&& other) noexcept { *this = std::move(other); }
  AccountHold& operator=(AccountHold&& other) noexcept;

  explicit operator bool() const { return candidate_ != nullptr; }
  const Candidate& candidate() const { return *candidate_; }
  bool is_probe() const { return is_probe_; }
  SteadyTime began() const { return began_; }
  /// The probe has been reported on.
  void reported() { is_probe_ = false; }
  void release();

 private:
  const Candidate* candidate_ = nullptr;
  bool is_probe_ = false;
  SteadyTime began_{};
};

}  // namespace relay
