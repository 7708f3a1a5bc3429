// How Redis keeps a usage record: as texts that people can read too.
#pragma once

#include "base/result.h"
#include "domain/usage_record.h"
#include "store/usage_store.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// What many records have alike, as one text that is kept once: "<length>:<text>" of each, in this order:
/// user, key, account, model, requested model, service tier, speed, geography. Any bytes.
std::string usage_kind_text(const UsageRecordView& record);
Result<std::array<std::string, 8>> parse_usage_kind(std::string_view text);

/// All numbers of a record but started_at, with spaces between; rare counts and the charge only where they
/// say something (a charge that is not there is the cost).
std::string usage_figures_text(const RecordFigures& figures);
Result<RecordFigures> parse_usage_figures(std::string_view text);

/// The cost that a record was given later, as a text, in the place of its own; empty: it has its own.
Result<> take_changed_cost(RecordFigures& figures, std::string_view cost);

/// "<day>\x1f<user>\x1f<key>\x1f<dialect>\x1f<model>": a row of usage_daily. The day has six digits, so that
/// texts sort as days do; the model, which may have any bytes, comes last.
struct UsageDayName {
  std::int64_t day = 0;
  std::string user_id;
  std::string key_id;
  std::string dialect;
  std::string model;
};
std::string usage_day_text(std::int64_t day, const UsageRecordView& record);
Result<UsageDayName> parse_usage_day(std::string_view text);
/// The beginning of all names of this day; a day that can't be is held between the first and the last that
/// can.
std::string usage_day_place(std::int64_t day);

/// The beginning of all places in rows_of at this time (usage_store.lua), held likewise.
std::string usage_row_place(std::int64_t at_ms);
Result<std::int64_t> parse_usage_row_time(std::string_view place);

/// Of a line of the roll-up, in the order of SUMS in usage_store.lua.
inline constexpr std::size_t kUsageSums = 6 + kUsageCounts.size();
std::vector<std::string> usage_sum_texts(const UsageTotals& totals);
/// Of kUsageSums texts; internal for what is no number.
Result<UsageTotals> parse_usage_sums(const std::vector<std::string_view>& texts);

Error broken_usage(std::string_view what);

}  // namespace relay
