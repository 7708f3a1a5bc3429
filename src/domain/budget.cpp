#include "domain/budget.h"

#include "text/decimal.h"

namespace relay {

Result<NanoUsd> parse_usd(std::string_view text, std::string_view field) {
  constexpr NanoUsd kMost = 1'000'000'000'000'000'000;  // a billion dollars
  const auto amount = parse_decimal(text, 9);
  if (!amount || *amount < 0 || *amount > kMost) {
    return Error(ErrorKind::validation, "amount_invalid", "The amount is not valid")
        .on_field(std::string(field), "must be an amount of USD such as \"12.50\", at most 1000000000");
  }
  return *amount;
}

std::string to_usd(NanoUsd amount) { return to_decimal(amount, 9, 2); }

}  // namespace relay
