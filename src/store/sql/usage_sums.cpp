#include "store/sql/usage_sums.h"

#include "store/sql/usage_rows.h"

#include <algorithm>

namespace relay {
namespace {

// The members of a total beside its usage: those in front of the counts, and those behind them.
struct TotalColumn {
  const char* name;
  std::int64_t UsageTotals::*of;
  const char* of_rows;
};
constexpr TotalColumn kInFront[] = {
    {"requests", &UsageTotals::requests, "COUNT(*)"},
    {"errors", &UsageTotals::errors, "SUM(outcome <> 1)"},
    {"unpriced_requests", &UsageTotals::unpriced_requests, "SUM((flags & 4) <> 0)"},
    {"cached_requests", &UsageTotals::cached_requests, "SUM((flags & 8) <> 0)"},
};
constexpr TotalColumn kBehind[] = {
    {"charge_nano_usd", &UsageTotals::charge_nano_usd, "SUM(COALESCE(charge_nano_usd, cost_nano_usd))"},
    {"cost_nano_usd", &UsageTotals::cost_nano_usd, "SUM(cost_nano_usd)"},
};
static_assert(kRowUnpriced == 4 && kRowCached == 8);

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::vector<std::string> make_columns() {
  std::vector<std::string> columns;
  for (const auto& column : kInFront) columns.emplace_back(column.name);
  for (const auto& count : kUsageCounts) columns.emplace_back(count.name);
  for (const auto& column : kBehind) columns.emplace_back(column.name);
  return columns;
}

std::string make_sums_of_days() {
  std::vector<std::string> sums;
  for (const auto& column : usage_sum_columns()) sums.push_back("SUM(" + column + ")");
  return joined(sums);
}

std::string make_sums_of_rows() {
  std::vector<std::string> sums;
  for (const auto& column : kInFront) sums.emplace_back(column.of_rows);
  for (const auto& count : kUsageCounts) {
    sums.push_back(std::string("COALESCE(SUM(CASE WHEN (flags & 8) = 0 THEN ") + count.name + " END), 0)");
  }
  for (const auto& column : kBehind) sums.emplace_back(column.of_rows);
  return joined(sums);
}

std::string make_count_columns() {
  std::vector<std::string> names;
  for (const auto& count : kUsageCounts) names.emplace_back(count.name);
  return joined(names);
}

}  // namespace

const std::vector<std::string>& usage_sum_columns() {
  static const auto columns = make_columns();
  return columns;
}

const std::string& sums_of_days() {
  static const auto text = make_sums_of_days();
  return text;
}

const std::string& sums_of_rows() {
  static const auto text = make_sums_of_rows();
  return text;
}

void into_totals(SqlStatement& select, UsageTotals& totals) {
  for (const auto& column : kInFront) select.into(totals.*column.of);
  into_usage(select, totals.usage);
  for (const auto& column : kBehind) select.into(totals.*column.of);
}

void use_totals(SqlStatement& insert, const UsageTotals& totals) {
  for (const auto& column : kInFront) insert.use(totals.*column.of);
  for (const auto& count : kUsageCounts) insert.use(totals.usage.*count.of);
  for (const auto& column : kBehind) insert.use(totals.*column.of);
}

const std::string& usage_count_columns() {
  static const auto text = make_count_columns();
  return text;
}

void into_usage(SqlStatement& select, Usage& usage) {
  for (const auto& count : kUsageCounts) select.into(usage.*count.of);
}

std::string total_tokens_of(const std::string& table) {
  std::string text;
  for (const auto& count : kUsageCounts) {
    if (count.in_total) text += (text.empty() ? "" : " + ") + table + "." + count.name;
  }
  return text;
}

}  // namespace relay
