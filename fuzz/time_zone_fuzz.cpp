// Whatever a line of rules says, offsets are those of clocks, and every clock shows a moment that comes back;
// and the windows of real zones follow each other without a gap.
#include "domain/time_window.h"
#include "domain/time_zone.h"
#include "fuzz_input.h"

#include <array>

namespace {

using namespace relay;

constexpr auto kNames = std::to_array<std::string_view>(
    {"UTC", "Europe/Berlin", "America/St_Johns", "Africa/Cairo", "America/Nuuk", "Asia/Gaza",
     "Australia/Lord_Howe", "Africa/Casablanca", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia"});

WallTime moment_of(const std::uint8_t* data) {
  std::int64_t number = 0;
  for (int i = 0; i < 5; ++i) number = number << 8 | data[i];
  constexpr std::int64_t kYears = 130LL * 365 * 24 * 3600;
  return WallTime(std::chrono::seconds(number % kYears));
}

void check_clocks(const TimeZone& zone, WallTime now) {
  const auto offset = zone.offset_at(now);
  fuzz::require(offset >= -std::chrono::hours(26) && offset <= std::chrono::hours(26), "an offset is one");
  const auto local = zone.to_local(now);
  fuzz::require(local.time_since_epoch() == now.time_since_epoch() + offset, "clocks show it");
  static_cast<void>(zone.to_wall(local));
}

void check_windows(const TimeZone& zone, BudgetPeriod period, std::int64_t reset_minute, WallTime now) {
  const auto window = window_of(period, zone, reset_minute, now);
  fuzz::require(window.starts_at <= now && now < window.ends_at, "now is in its window");
  const auto next = window_of(period, zone, reset_minute, window.ends_at);
  fuzz::require(next.starts_at == window.ends_at && next.ends_at > next.starts_at, "the next one follows");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  const auto now = moment_of(data);
  const auto reset_minute = (data[5] * 256 + data[6]) % 1440;
  const auto& named = TimeZone::named(kNames[data[7] % kNames.size()]);
  for (const auto period : {BudgetPeriod::daily, BudgetPeriod::weekly, BudgetPeriod::monthly})
    check_windows(named, period, reset_minute, now);
  if (const auto zone = TimeZone::parse(fuzz::text_of(data + 8, size - 8))) {
    check_clocks(*zone, now);
    for (const auto period : {BudgetPeriod::daily, BudgetPeriod::weekly, BudgetPeriod::monthly})
      static_cast<void>(window_of(period, *zone, reset_minute, now));
  }
  return 0;
}
