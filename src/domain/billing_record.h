// A line of somebody's account: money that came in, or that is owed. Written once, never changed.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "domain/money.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay {

enum class BillingKind { payment, credit, charge, refund, adjustment };
std::string_view to_string(BillingKind kind);
/// internal for another word.
Result<BillingKind> parse_billing_kind(std::string_view text);

struct BillingRecord {
  std::string id{};  // "bil_…"
  std::string user_id{};
  BillingKind kind = BillingKind::charge;
  NanoUsd amount = 0;  // above 0 in the user's favour, below 0 owed
  NanoUsd balance_after = 0;
  std::optional<WallTime> period_start{};
  std::optional<WallTime> period_end{};
  std::optional<std::string> reference{};  // of the payment: none counts twice
  std::string description{};
  WallTime created_at{};
};

}  // namespace relay
