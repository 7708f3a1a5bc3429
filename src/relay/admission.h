// Which limits and budgets hold for a call, what it may take of them at most, and how a refusal is worded.
#pragma once

#include "base/error.h"
#include "coordination/quota.h"
#include "coordination/rate_window.h"
#include "domain/key_access.h"

#include <optional>
#include <string>

namespace relay {

struct Exchange;
class PriceTable;

/// How the tightest limits of a call stand: for the headers of its answer.
struct LimitFacts {
  struct Window {
    std::int64_t limit = 0;  // 0: there is none
    std::int64_t remaining = 0;
    WallTime resets_at{};  // when all of it is free again

    /// The one with less left is kept.
    void tighten(const Window& other) {
      if (limit == 0 || other.remaining < remaining) *this = other;
    }
  };
  Window requests;
  Window tokens;
  std::string spent_budgets;  // soft ones: "key daily, user monthly"
};

/// What a call may take at most. Input: a token for each three bytes of the body; output: what it allows
/// itself (max_tokens and kin, times its choices), or 32,768 where it says nothing. Limits of tokens hold
/// 8,192 of the output at most: programs ask for far more than they use. Money is for 2,048 tokens of input
/// at least, at the highest rate that may apply: of standard, priority and fast, and of reading and writing
/// the cache; nothing for a model without a price.
struct UpperEstimate {
  std::int64_t tokens = 0;
  std::int64_t nano_usd = 0;
};
UpperEstimate upper_estimate(const Exchange& exchange, const PriceTable& prices);

/// too_many_requests, naming the limit and saying to the second when a call fits again; or payment_required
/// "budget_spent", naming the window and when it opens again. Where it is only held by calls that run, it
/// says to come again in a second.
Error quota_refusal(const QuotaCall& call, const QuotaDecision& decision, WallTime now);

/// The limit of one kind that a call meets first.
void note_states(LimitFacts& facts, const QuotaCall& call, const QuotaDecision& decision, WallTime now);

}  // namespace relay
