#include "service/usage_service.h"

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kDefaultDays = 30;
constexpr std::int64_t kPointsMax = 1'000;
constexpr std::chrono::days kSharesMax{3'660};

std::chrono::milliseconds length_of(UsageGranularity granularity) {
  switch (granularity) {
    case UsageGranularity::hour:
      return 1h;
    case UsageGranularity::day:
      return 24h;
    case UsageGranularity::month:
      return 24h * 28;
  }
  return 24h;
}

struct Span {
  WallTime from;
  WallTime to;
};

// Whole days unless the range says otherwise: those are read from the roll-ups.
Result<Span> span_of(const UsageRange& range, WallTime now) {
  const WallTime tomorrow = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
  const std::chrono::days length(range.days.value_or(kDefaultDays));
  Span span;
  span.to = range.days ? tomorrow : range.to.value_or(tomorrow);
  span.from = range.days ? span.to - length : range.from.value_or(span.to - length);
  if (span.from < span.to) return span;
  return Error(ErrorKind::validation, "range_empty", "The range is empty")
      .on_field("from", "must be before to");
}

Error too_long(const char* words) {
  return Error(ErrorKind::validation, "range_too_long", "The range is too long").on_field("from", words);
}

}  // namespace

Task<UsageAnswer> UsageService::of(std::string user_id, std::optional<std::string> key_id, UsageRange range) {
  CO_TRY(const auto span, span_of(range, parts_.clock.now()));
  UsageQuery query{.user_id = std::move(user_id),
                   .key_id = std::move(key_id),
                   .from = span.from,
                   .to = span.to,
                   .granularity = range.days ? UsageGranularity::day : range.granularity,
                   .by_model = range.by_model};
  if ((query.to - query.from) / length_of(query.granularity) > kPointsMax) {
    co_return too_long("must be nearer to to, or the granularity coarser: at most 1000 points");
  }
  CO_TRY(auto report, co_await parts_.usage.report(query));
  co_return UsageAnswer{.query = std::move(query), .report = std::move(report)};
}

Task<SharesAnswer> UsageService::shares(UsageDimension by, std::optional<std::string> user_id,
                                        UsageRange range, int limit) {
  CO_TRY(const auto span, span_of(range, parts_.clock.now()));
  if (span.to - span.from > kSharesMax) co_return too_long("must be nearer to to: at most ten years");
  UsageSharesQuery query{.user_id = std::move(user_id),
                         .from = std::chrono::floor<std::chrono::days>(span.from),
                         .to = std::chrono::ceil<std::chrono::days>(span.to),
                         .by = by,
                         .limit = limit};
  CO_TRY(auto shares, co_await parts_.usage.shares(query));
  co_return SharesAnswer{.query = std::move(query), .shares = std::move(shares)};
}

}  // namespace relay
