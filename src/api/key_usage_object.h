// Usage as the client API shows it: the rich form, and beside it the first form's members.
#pragma once

#include "json/binding.h"
#include "api/field_reader.h"
#include "service/account_service.h"
#include "service/key_service.h"

#include <optional>
#include <string>
#include <vector>

namespace relay {

struct UsageQueryFields {
  std::optional<std::string> from;  // RFC 3339, or a day as in 2026-01-31
  std::optional<std::string> to;
  std::optional<std::string> granularity;  // hour, day (default) or month
  std::optional<std::string> group_by;     // model
  std::optional<Whole<1, 366>> days;       // the last so many days, today included
};
BOOST_DESCRIBE_STRUCT(UsageQueryFields, (), (from, to, granularity, group_by, days))

struct TokenCounts {
  std::int64_t input = 0;  // uncached
  std::int64_t cache_write_5m = 0;
  std::int64_t cache_write_1h = 0;
  std::int64_t cache_read = 0;
  std::int64_t output = 0;     // without audio and images
  std::int64_t reasoning = 0;  // part of output
  std::int64_t audio_input = 0;
  std::int64_t audio_cache_read = 0;
  std::int64_t audio_output = 0;
  std::int64_t image_input = 0;
  std::int64_t image_output = 0;
  std::int64_t accepted_prediction = 0;  // part of output
  std::int64_t rejected_prediction = 0;  // part of output
  std::int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(TokenCounts, (),
                      (input, cache_write_5m, cache_write_1h, cache_read, output, reasoning, audio_input,
                       audio_cache_read, audio_output, image_input, image_output, accepted_prediction,
                       rejected_prediction, total))

struct UsageFigures {
  std::int64_t requests = 0;
  std::int64_t errors = 0;
  std::int64_t unpriced_requests = 0;
  std::int64_t cached_requests = 0;
  TokenCounts tokens;
  std::int64_t web_search_requests = 0;
  std::int64_t web_fetch_requests = 0;
  std::string cost;    // USD as a decimal
  std::string charge;  // the same
};
BOOST_DESCRIBE_STRUCT(UsageFigures, (),
                      (requests, errors, unpriced_requests, cached_requests, tokens, web_search_requests,
                       web_fetch_requests, cost, charge))

struct UsagePointObject : UsageFigures {
  WallTime start;
  std::optional<std::string> model;
};
BOOST_DESCRIBE_STRUCT(UsagePointObject, (UsageFigures), (start, model))

struct PercentilesObject {
  std::int64_t p50 = 0;
  std::int64_t p90 = 0;
  std::int64_t p95 = 0;
  std::int64_t p99 = 0;
};
BOOST_DESCRIBE_STRUCT(PercentilesObject, (), (p50, p90, p95, p99))

struct LatencyObject {
  PercentilesObject duration_ms;
  PercentilesObject first_byte_ms;
};
BOOST_DESCRIBE_STRUCT(LatencyObject, (), (duration_ms, first_byte_ms))

/// Of the whole life of the key or account, as the first form had it.
struct LifetimeTotals {
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
  std::optional<WallTime> last_used_at;
};
BOOST_DESCRIBE_STRUCT(LifetimeTotals, (), (requests, tokens, last_used_at))

struct DailyObject {
  std::string date;
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
};
BOOST_DESCRIBE_STRUCT(DailyObject, (), (date, requests, tokens))

struct FirstFormLimits {
  std::optional<std::int64_t> rpm;
  std::optional<std::int64_t> rpd;
};
BOOST_DESCRIBE_STRUCT(FirstFormLimits, (), (rpm, rpd))

struct UsageObject {
  LifetimeTotals total;
  std::vector<DailyObject> daily;  // every day of the range, oldest first; empty for other granularities
  FirstFormLimits limits;
  WallTime from;
  WallTime to;
  std::string granularity;
  UsageFigures totals;  // of the range
  std::vector<UsagePointObject> series;
  LatencyObject latency;
};
BOOST_DESCRIBE_STRUCT(UsageObject, (), (total, daily, limits, from, to, granularity, totals, series, latency))

struct KeyUsageObject : UsageObject {
  std::string key_id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(KeyUsageObject, (UsageObject), (key_id, name))

struct AccountUsageObject : UsageObject {
  std::string user_id;
};
BOOST_DESCRIBE_STRUCT(AccountUsageObject, (UsageObject), (user_id))

/// A time or a day of a query; a wrong one is refused on `name`.
void read_moment(const std::optional<std::string>& text, const char* name, std::optional<WallTime>& slot,
                 FieldReader& reader);

/// validation with every wrong field named.
Result<UsageRange> to_usage_range(const UsageQueryFields& fields);

KeyUsageObject to_key_usage_object(const KeyUsage& usage);
AccountUsageObject to_account_usage_object(const AccountUsage& usage);

TokenCounts to_token_counts(const Usage& usage);
UsageFigures to_figures(const UsageTotals& totals);
UsagePointObject to_usage_point_object(const UsagePoint& point);

}  // namespace relay
