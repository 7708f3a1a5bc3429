#include "api/billing_object.h"

#include "domain/budget.h"
#include "text/rfc3339.h"

#include <algorithm>
#include <map>

namespace relay {
namespace {

struct Spend {
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
  NanoUsd cost = 0;
};

void add(Spend& sum, const UsageTotals& totals) {
  sum.requests += totals.requests;
  sum.tokens += totals.usage.total_tokens();
  sum.cost += totals.charge_nano_usd;  // a later rerate changes no bill
}

}  // namespace

BillingRecordObject to_billing_record_object(const BillingRecord& record) {
  return {.id = record.id,
          .kind = std::string(to_string(record.kind)),
          .amount = to_usd(record.amount),
          .balance_after = to_usd(record.balance_after),
          .period_start = record.period_start,
          .period_end = record.period_end,
          .reference = record.reference,
          .description = record.description,
          .created_at = record.created_at};
}

BillingObject to_billing_object(const BillingSummary& summary) {
  const auto& totals = summary.period.totals;
  BillingObject object{.plan = to_plan_object(summary.plan),
                       .balance = to_usd(summary.user.balance_nano_usd),
                       .current_period = {.from = summary.period_start,
                                          .to = summary.period_end,
                                          .requests = totals.requests,
                                          .tokens = totals.usage.total_tokens(),
                                          .token_limit = std::nullopt,
                                          .cost = to_usd(totals.charge_nano_usd)},
                       .invoices = {},
                       .spend = {}};
  if (summary.plan.tokens_per_month > 0) object.current_period.token_limit = summary.plan.tokens_per_month;
  for (const auto& record : summary.records) object.invoices.push_back(to_billing_record_object(record));

  std::map<std::string, Spend> days;
  std::map<std::string, Spend> models;
  for (const auto& point : summary.period.series) {
    add(days[to_date(point.start)], point.totals);
    add(models[point.model], point.totals);
  }
  for (const auto& [date, sum] : days) {
    object.spend.by_day.push_back(
        {.date = date, .requests = sum.requests, .tokens = sum.tokens, .cost = to_usd(sum.cost)});
  }
  std::vector<std::pair<std::string, Spend>> dearest(models.begin(), models.end());
  std::ranges::stable_sort(
      dearest, [](const auto& left, const auto& right) { return left.second.cost > right.second.cost; });
  for (const auto& [model, sum] : dearest) {
    object.spend.by_model.push_back(
        {.model = model, .requests = sum.requests, .tokens = sum.tokens, .cost = to_usd(sum.cost)});
  }
  return object;
}

}  // namespace relay
