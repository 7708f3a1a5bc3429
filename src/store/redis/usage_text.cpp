#include "store/redis/usage_text.h"

#include "store/redis/usage_piece.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace relay {
namespace {

constexpr char kJoint = '\x1f';
constexpr std::int64_t kDayMax = 999'999;
constexpr std::int64_t kTimeMax = 0xFFF'FFFF'FFFF;  // eleven hexadecimal digits: the year 2527

std::optional<std::int64_t> number_of(std::string_view text, int base = 10) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Takes the text up to the next joint off `rest`.
std::string_view cut(std::string_view& rest, char joint) {
  const auto at = rest.find(joint);
  const auto part = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return part;
}

constexpr std::int64_t kStreamed = 1;
constexpr std::int64_t kEstimated = 2;
constexpr std::int64_t kUnpriced = 4;
constexpr std::int64_t kCached = 8;

bool has_rare_figures(const RecordFigures& figures) {
  return figures.charge_nano_usd != figures.cost_nano_usd ||
         std::any_of(kUsageCounts.begin() + kCommonUsageCounts, kUsageCounts.end(),
                     [&](const UsageCount& count) { return figures.usage.*count.of != 0; });
}

}  // namespace

Error broken_usage(std::string_view what) {
  return Error(ErrorKind::internal, "store_failed", "Internal error")
      .because("broken usage in Redis: " + std::string(what));
}

std::string usage_kind_text(const UsageRecordView& record) {
  std::string out;
  for (const auto text :
       {record.user_id, record.key_id, record.upstream_account_id, record.model, record.requested_model,
        record.mode.service_tier, record.mode.speed, record.mode.inference_geo}) {
    out.append(std::to_string(text.size())).append(1, ':').append(text);
  }
  return out;
}

Result<std::array<std::string, 8>> parse_usage_kind(std::string_view text) {
  std::array<std::string, 8> kind;
  for (auto& part : kind) {
    const auto size = number_of(cut(text, ':'));
    if (!size || *size < 0 || static_cast<std::size_t>(*size) > text.size()) return broken_usage("a kind");
    part = text.substr(0, static_cast<std::size_t>(*size));
    text.remove_prefix(part.size());
  }
  return kind;
}

std::string usage_figures_text(const RecordFigures& figures) {
  const auto flags = (figures.streamed ? kStreamed : 0) | (figures.estimated ? kEstimated : 0) |
                     (figures.priced ? 0 : kUnpriced) | (figures.cached ? kCached : 0);
  std::string out = std::to_string(static_cast<int>(figures.dialect));
  const auto put = [&out](std::int64_t number) { out.append(1, ' ').append(std::to_string(number)); };
  put(static_cast<int>(figures.outcome));
  put(flags);
  put(figures.status);
  for (std::size_t i = 0; i < kCommonUsageCounts; ++i) put(figures.usage.*kUsageCounts[i].of);
  put(figures.cost_nano_usd);
  put(figures.first_byte_ms);
  put(figures.duration_ms);
  if (!has_rare_figures(figures)) return out;
  for (auto i = kCommonUsageCounts; i < kUsageCounts.size(); ++i) put(figures.usage.*kUsageCounts[i].of);
  put(figures.charge_nano_usd);
  return out;
}

namespace {

Result<std::int64_t> next_figure(std::string_view& text) {
  const auto read = number_of(cut(text, ' '));
  if (!read) return broken_usage("figures");
  return *read;
}

}  // namespace

Result<RecordFigures> parse_usage_figures(std::string_view text) {
  std::array<std::int64_t, 15> numbers{};
  for (auto& number : numbers) {
    TRY(number, next_figure(text));
  }
  if (numbers[0] < 1 || numbers[0] > 5 || numbers[1] < 1 || numbers[1] > 6)
    return broken_usage("a dialect or outcome");
  RecordFigures figures;
  figures.dialect = static_cast<WireDialect>(numbers[0]);
  figures.outcome = static_cast<AttemptOutcome>(numbers[1]);
  figures.streamed = (numbers[2] & kStreamed) != 0;
  figures.estimated = (numbers[2] & kEstimated) != 0;
  figures.priced = (numbers[2] & kUnpriced) == 0;
  figures.cached = (numbers[2] & kCached) != 0;
  figures.status = static_cast<int>(numbers[3]);
  for (std::size_t i = 0; i < kCommonUsageCounts; ++i) figures.usage.*kUsageCounts[i].of = numbers[4 + i];
  figures.cost_nano_usd = numbers[12];
  figures.charge_nano_usd = figures.cost_nano_usd;
  figures.first_byte_ms = numbers[13];
  figures.duration_ms = numbers[14];
  if (text.empty()) return figures;
  for (auto i = kCommonUsageCounts; i < kUsageCounts.size(); ++i) {
    TRY(figures.usage.*kUsageCounts[i].of, next_figure(text));
  }
  TRY(figures.charge_nano_usd, next_figure(text));
  return figures;
}

Result<> take_changed_cost(RecordFigures& figures, std::string_view cost) {
  if (cost.empty()) return ok;
  const auto changed = number_of(cost);
  if (!changed) return broken_usage("a changed cost");
  figures.cost_nano_usd = *changed;
  figures.priced = true;  // what has no price is given no cost
  return ok;
}

std::string usage_day_place(std::int64_t day) {
  const auto digits = std::to_string(std::clamp<std::int64_t>(day, 0, kDayMax));
  return std::string(6 - digits.size(), '0') + digits;
}

std::string usage_day_text(std::int64_t day, const UsageRecordView& record) {
  auto out = usage_day_place(day);
  out.append(1, kJoint).append(record.user_id).append(1, kJoint).append(record.key_id).append(1, kJoint);
  out.append(std::to_string(static_cast<int>(record.dialect))).append(1, kJoint).append(record.model);
  return out;
}

Result<UsageDayName> parse_usage_day(std::string_view text) {
  UsageDayName name;
  const auto day = number_of(cut(text, kJoint));
  if (!day) return broken_usage("a day");
  name.day = *day;
  name.user_id = cut(text, kJoint);
  name.key_id = cut(text, kJoint);
  name.dialect = cut(text, kJoint);
  name.model = text;
  return name;
}

std::string usage_row_place(std::int64_t at_ms) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%011llx",
                static_cast<unsigned long long>(std::clamp<std::int64_t>(at_ms, 0, kTimeMax)));
  return digits;
}

Result<std::int64_t> parse_usage_row_time(std::string_view place) {
  const auto time = number_of(place.substr(0, 11), 16);
  if (!time) return broken_usage("a place");
  return *time;
}

std::vector<std::string> usage_sum_texts(const UsageTotals& totals) {
  std::vector<std::string> out;
  for (const auto number :
       {totals.requests, totals.errors, totals.unpriced_requests, totals.cached_requests}) {
    out.push_back(std::to_string(number));
  }
  for (const auto& count : kUsageCounts) out.push_back(std::to_string(totals.usage.*count.of));
  out.push_back(std::to_string(totals.charge_nano_usd));
  out.push_back(std::to_string(totals.cost_nano_usd));
  return out;
}

Result<UsageTotals> parse_usage_sums(const std::vector<std::string_view>& texts) {
  std::array<std::int64_t, kUsageSums> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto read = i < texts.size() ? number_of(texts[i]) : std::nullopt;
    if (!read) return broken_usage("a sum");
    numbers[i] = *read;
  }
  UsageTotals totals{.requests = numbers[0],
                     .errors = numbers[1],
                     .unpriced_requests = numbers[2],
                     .cached_requests = numbers[3],
                     .usage = {},
                     .cost_nano_usd = numbers[kUsageSums - 1],
                     .charge_nano_usd = numbers[kUsageSums - 2]};
  std::size_t next = 4;
  for (const auto& count : kUsageCounts) totals.usage.*count.of = numbers[next++];
  return totals;
}

}  // namespace relay
