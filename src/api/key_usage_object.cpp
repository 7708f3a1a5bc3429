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

PercentilesObject to_object(const LatencyPercentiles& percentiles) {
  return {.p50 = percentiles.p50_ms,
          .p90 = percentiles.p90_ms,
          .p95 = percentiles.p95_ms,
          .p99 = percentiles.p99_ms};
}

// Every day, those without a request too: a chart of the first form draws them.
std::vector<DailyObject> to_daily(const UsageAnswer& usage) {
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

UsageObject to_usage_object(const UsageAnswer& usage, const RateLimit& limits, LifetimeTotals total) {
  UsageObject object{.total = std::move(total),
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
  for (const auto& point : usage.report.series) object.series.push_back(to_usage_point_object(point));
  return object;
}

}  // namespace

TokenCounts to_token_counts(const Usage& usage) {
  return {.input = usage.input_tokens,
          .cache_write_5m = usage.cache_write_5m_tokens,
          .cache_write_1h = usage.cache_write_1h_tokens,
          .cache_read = usage.cache_read_tokens,
          .output = usage.output_tokens,
          .reasoning = usage.reasoning_tokens,
          .audio_input = usage.audio_input_tokens,
          .audio_cache_read = usage.audio_cache_read_tokens,
          .audio_output = usage.audio_output_tokens,
          .image_input = usage.image_input_tokens,
          .image_output = usage.image_output_tokens,
          .accepted_prediction = usage.accepted_prediction_tokens,
          .rejected_prediction = usage.rejected_prediction_tokens,
          .total = usage.total_tokens()};
}

UsageFigures to_figures(const UsageTotals& totals) {
  return {.requests = totals.requests,
          .errors = totals.errors,
          .unpriced_requests = totals.unpriced_requests,
          .cached_requests = totals.cached_requests,
          .tokens = to_token_counts(totals.usage),
          .web_search_requests = totals.usage.web_search_requests,
          .web_fetch_requests = totals.usage.web_fetch_requests,
          .cost = to_usd(totals.cost_nano_usd),
          .charge = to_usd(totals.charge_nano_usd)};
}

UsagePointObject to_usage_point_object(const UsagePoint& point) {
  UsagePointObject object;
  static_cast<UsageFigures&>(object) = to_figures(point.totals);
  object.start = point.start;
  if (!point.model.empty()) object.model = point.model;
  return object;
}

void read_moment(const std::optional<std::string>& text, const char* name, std::optional<WallTime>& slot,
                 FieldReader& reader) {
  if (!text) return;
  slot = parse_moment(*text);
  if (slot) return;
  auto error = Error(ErrorKind::validation, "usage_query_invalid", "The query is not valid")
                   .on_field(name, "must be a time (RFC 3339) or a day as in 2026-01-31");
  reader.refuse(std::move(error));
}

Result<UsageRange> to_usage_range(const UsageQueryFields& fields) {
  UsageRange range;
  FieldReader reader;
  const auto refuse = [&reader](const char* name, const char* words) {
    reader.refuse(
        Error(ErrorKind::validation, "usage_query_invalid", "The query is not valid").on_field(name, words));
  };
  read_moment(fields.from, "from", range.from, reader);
  read_moment(fields.to, "to", range.to, reader);
  if (fields.days) range.days = fields.days->value;
  if (fields.granularity) {
    const auto granularity = parse_granularity(*fields.granularity);
    if (!granularity) refuse("granularity", "must be hour, day or month");
    range.granularity = granularity.value_or(UsageGranularity::day);
  }
  if (fields.group_by) {
    if (*fields.group_by != "model") refuse("groupBy", "must be model");
    range.by_model = true;
  }
  CHECK(std::move(reader).outcome());
  return range;
}

KeyUsageObject to_key_usage_object(const KeyUsage& usage) {
  KeyUsageObject object;
  static_cast<UsageObject&>(object) = to_usage_object(usage.answer, usage.limits,
                                                      {.requests = usage.key.usage.requests,
                                                       .tokens = usage.key.usage.tokens,
                                                       .last_used_at = usage.key.last_used_at});
  object.key_id = usage.key.id;
  object.name = usage.key.name.text();
  return object;
}

AccountUsageObject to_account_usage_object(const AccountUsage& usage) {
  AccountUsageObject object;
  static_cast<UsageObject&>(object) = to_usage_object(usage.answer, usage.limits,
                                                      {.requests = usage.user.usage.requests,
                                                       .tokens = usage.user.usage.tokens,
                                                       .last_used_at = usage.last_used_at});
  object.user_id = usage.user.id;
  return object;
}

}  // namespace relay
