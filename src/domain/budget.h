// How much money a key may spend in each window.
#pragma once

#include "base/result.h"
#include "domain/money.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// An empty field is no budget of that kind; 0 is a budget that is spent already.
struct Budget {
  std::optional<NanoUsd> daily{};
  std::optional<NanoUsd> weekly{};
  std::optional<NanoUsd> monthly{};
  std::optional<NanoUsd> total{};

  bool none() const { return !daily && !weekly && !monthly && !total; }
  friend bool operator==(const Budget&, const Budget&) = default;
};

/// An amount as a client writes it: "12.50", not negative, at most nine decimals and one billion
/// dollars. validation on `field` else.
Result<NanoUsd> parse_usd(std::string_view text, std::string_view field);

/// "12.50"; at least two decimals, as many as it takes.
std::string to_usd(NanoUsd amount);

}  // namespace relay
