// What somebody owes and has spent, as the client API shows it.
#pragma once

#include "api/plan_object.h"
#include "json/binding.h"
#include "service/account_service.h"

#include <optional>
#include <string>
#include <vector>

namespace relay {

struct BillingRecordObject {
  std::string id;
  std::string kind;    // payment, credit, charge, refund or adjustment
  std::string amount;  // USD as a decimal; below 0 it is owed
  std::string balance_after;
  std::optional<WallTime> period_start;
  std::optional<WallTime> period_end;
  std::optional<std::string> reference;
  std::string description;
  WallTime created_at;
};
BOOST_DESCRIBE_STRUCT(BillingRecordObject, (),
                      (id, kind, amount, balance_after, period_start, period_end, reference, description,
                       created_at))

struct BillingPeriodObject {
  WallTime from;  // the calendar month, UTC
  WallTime to;    // exclusive
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
  std::optional<std::int64_t> token_limit;  // of the plan; null: none
  std::string cost;
};
BOOST_DESCRIBE_STRUCT(BillingPeriodObject, (), (from, to, requests, tokens, token_limit, cost))

struct DaySpendObject {
  std::string date;
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
  std::string cost;
};
BOOST_DESCRIBE_STRUCT(DaySpendObject, (), (date, requests, tokens, cost))

struct ModelSpendObject {
  std::string model;
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
  std::string cost;
};
BOOST_DESCRIBE_STRUCT(ModelSpendObject, (), (model, requests, tokens, cost))

struct SpendObject {
  std::vector<DaySpendObject> by_day;      // of the current period, oldest first, days with requests
  std::vector<ModelSpendObject> by_model;  // dearest first
};
BOOST_DESCRIBE_STRUCT(SpendObject, (), (by_day, by_model))

struct BillingObject {
  PlanObject plan;
  std::string balance;  // USD as a decimal
  BillingPeriodObject current_period;
  std::vector<BillingRecordObject> invoices;  // newest first, at most 100
  SpendObject spend;
};
BOOST_DESCRIBE_STRUCT(BillingObject, (), (plan, balance, current_period, invoices, spend))

BillingRecordObject to_billing_record_object(const BillingRecord& record);
BillingObject to_billing_object(const BillingSummary& summary);

}  // namespace relay
