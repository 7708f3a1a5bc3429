#include "api/key_usage_object.h"

#include "domain/budget.h"
#include "text/rfc3339.h"

#include <map>

namespace relay {
namespace {

std::string_view to_string(UsageGranularity granularity) {
  switch (granularity) {
    case UsageGranularity::hour:
      return "hour";
    case UsageGranularity::day:
      return "day";
    case UsageGranularity::month:
      return "month";
  }
  return "day";
}

std::optional<UsageGranularity> parse_granularity(std::string_view text) {
  for (const auto one : {UsageGranularity::hour, UsageGranularity::day, UsageGranularity::month}) {
    if (text == to_string(one)) return one;
  }
  return std::nullopt;
}

std::optional<WallTime> parse_moment(const std::string& text) {
  if (auto day = parse_date(text)) return day;
  return parse_rfc3339(text);
}

UsageFigures to_figures(const UsageTotals& totals) {
  const Usage& usage = totals.usage;
  return {.requests = totals.requests,
          .errors = totals.errors,
          .tokens = {.input = usage.input_tokens,
                     .cache_write_5m = usage.cache_write_5m_tokens,
                     .cache_write_1h = usage.cache_write_1h_tokens,
                     .cache_read = usage.cache_read_tokens,
                     .output = usage.output_tokens,
                     .reasoning = usage.reasoning_tokens,
                     .total = usage.total_tokens()},
          .web_search_requests = usage.web_search_requests,
          .web_fetch_requests = usage.web_fetch_requests,
          .cost = to_usd(totals.cost_nano_usd)};
}

PercentilesObject to_object(const LatencyPercentiles& percentiles) {
  return {.p50 = percentiles.p50_ms, .p90 = percentiles.p90_ms, .p99 = percentiles.p99_ms};
}

// Every day, those without a request too: a chart of the first form draws them.
std::vector<DailyObject> to_daily(const KeyUsage& usage) {
  if (usage.query.granularity != UsageGranularity::day) return {};
  std::map<std::string, DailyObject> days;
  const auto first = std::chrono::floor<std::chrono::days>(usage.query.from);
  for (auto day = first; day < usage.query.to; day += std::chrono::days(1)) {
    const auto date = to_date(day);
    days[date].date = date;
  }
  for (const auto& point : usage.report.series) {
    auto& day = days[to_date(point.start)];
    day.date = to_date(point.start);
    day.requests += point.totals.requests;
    day.tokens += point.totals.usage.total_tokens();
  }
  std::vector<DailyObject> list;
  for (auto& [date, day] : days) list.push_back(std::move(day));
  return list;
}

}  // namespace

Result<UsageRange> to_usage_range(const UsageQueryFields& fields) {
  UsageRange range;
  Error error(ErrorKind::validation, "usage_query_invalid", "The query is not valid");
  const auto read_moment = [&](const std::optional<std::string>& text, const char* name,
                               std::optional<WallTime>& slot) {
    if (!text) return;
    slot = parse_moment(*text);
    if (!slot) error.on_field(name, "must be a time (RFC 3339) or a day as in 2026-01-31");
  };
  read_moment(fields.from, "from", range.from);
  read_moment(fields.to, "to", range.to);
  if (fields.days) range.days = fields.days->value;
  if (fields.granularity) {
    const auto granularity = parse_granularity(*fields.granularity);
    if (!granularity) error.on_field("granularity", "must be hour, day or month");
    range.granularity = granularity.value_or(UsageGranularity::day);
  }
  if (fields.group_by) {
    if (*fields.group_by != "model") error.on_field("groupBy", "must be model");
    range.by_model = true;
  }
  if (!error.fields().empty()) return error;
  return range;
}

KeyUsageObject to_key_usage_object(const KeyUsage& usage) {
  const auto limits = usage.limits;
  KeyUsageObject object{.key_id = usage.key.id,
                        .name = usage.key.name.text(),
                        .total = {.requests = usage.key.usage.requests,
                                  .tokens = usage.key.usage.tokens,
                                  .last_used_at = usage.key.last_used_at},
                        .daily = to_daily(usage),
                        .limits = {},
                        .from = usage.query.from,
                        .to = usage.query.to,
                        .granularity = std::string(to_string(usage.query.granularity)),
                        .totals = to_figures(usage.report.totals),
                        .series = {},
                        .latency = {.duration_ms = to_object(usage.report.duration),
                                    .first_byte_ms = to_object(usage.report.first_byte)}};
  if (limits.requests_per_minute != 0) object.limits.rpm = limits.requests_per_minute;
  if (limits.requests_per_day != 0) object.limits.rpd = limits.requests_per_day;
  for (const auto& point : usage.report.series) {
    UsagePointObject entry;
    static_cast<UsageFigures&>(entry) = to_figures(point.totals);
    entry.start = point.start;
    if (!point.model.empty()) entry.model = point.model;
    object.series.push_back(std::move(entry));
  }
  return object;
}

}  // namespace relay
