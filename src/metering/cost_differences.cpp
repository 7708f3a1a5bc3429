#include "metering/cost_differences.h"

#include "text/glob.h"

namespace relay {

std::optional<NanoUsd> CostDifferences::add(const UsageRecord& record) {
  if (!is_in_scope(record)) return std::nullopt;
  auto anew = usage_record_as<UsageRecordView>(record);
  const bool has_price = table_->price(anew);
  const auto after = has_price ? anew.cost_nano_usd : record.cost_nano_usd;
  const bool changes = has_price && (after != record.cost_nano_usd || !record.priced);
  for (auto* sum : {&line_of(record), &total_}) {
    ++sum->rows;
    sum->changed += changes ? 1 : 0;
    sum->newly_priced += changes && !record.priced ? 1 : 0;
    sum->price_gone += !has_price && record.priced ? 1 : 0;
    sum->unpriced += !has_price && !record.priced ? 1 : 0;
    sum->estimated += record.estimated ? 1 : 0;
    sum->before_nano_usd += record.cost_nano_usd;
    sum->after_nano_usd += after;
  }
  return changes ? std::optional(after) : std::nullopt;
}

bool CostDifferences::is_in_scope(const UsageRecord& record) const {
  if (record.cached) return false;
  if (record.started_at < scope_.from || record.started_at >= scope_.to) return false;
  if (!scope_.user_id.empty() && scope_.user_id != record.user_id) return false;
  if (!scope_.key_id.empty() && scope_.key_id != record.key_id) return false;
  return scope_.model.empty() || glob_matches(scope_.model, record.model);
}

CostDifference& CostDifferences::line_of(const UsageRecord& record) {
  Line name{.day = std::chrono::floor<std::chrono::days>(record.started_at).time_since_epoch().count(),
            .model = record.model};
  const auto found = lines_.find(name);
  if (found != lines_.end()) return found->second;
  if (lines_.size() >= kLinesMax) return other_lines_;
  return lines_.emplace(std::move(name), CostDifference{}).first->second;
}

}  // namespace relay
