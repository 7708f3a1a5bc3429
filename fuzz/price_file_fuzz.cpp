// Whatever a price file says, prices stay in their bounds, and what it changes it changes once.
#include "fuzz_input.h"
#include "metering/price_changes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const auto text = fuzz::text_of(data, size);
  const auto file = read_price_file(text, size % 2 == 0);
  if (file.has_error()) return 0;
  constexpr PicoUsd kMost = 1'000'000'000'000;
  for (const auto& line : file->lines) {
    const auto& rates = line.rates;
    for (const auto price :
         {rates.input, rates.cache_write_5m, rates.cache_write_1h, rates.cache_read, rates.output}) {
      fuzz::require(price >= 0 && price <= 2 * kMost, "prices are bounded");
    }
    fuzz::require(is_price_model(line.model) && is_price_tier(line.tier), "names are names");
  }
  const WallTime now(std::chrono::hours(1));
  const auto changes = changes_of(*file, {}, now);
  fuzz::require(changes.changes.size() == file->lines.size(), "all is new to an empty table");
  fuzz::require(changes_of(*file, changes.lines, now).lines.empty(), "nothing changes twice");
  return 0;
}
