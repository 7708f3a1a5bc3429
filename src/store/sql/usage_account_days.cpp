#include "store/sql/usage_account_days.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_statement.h"
#include "store/sql/usage_roll_up.h"

namespace relay {

void UsageAccountDays::add(const UsageRow& row) {
  add(epoch_ms(row.record->started_at) / kDayMs, row.account, row.record->cost_nano_usd);
}

void UsageAccountDays::add(std::int64_t day, std::int64_t account, NanoUsd cost_nano_usd) {
  if (cost_nano_usd != 0) costs_[{day, account}] += cost_nano_usd;
}

void UsageAccountDays::store(soci::session& sql, const Dialect& dialect) const {
  const auto insert_day =
      "INSERT INTO usage_account_days (day, account_word, cost_nano_usd) VALUES (:day, :account, :cost)" +
      dialect.on_duplicate_set("day, account_word", "cost_nano_usd = usage_account_days.cost_nano_usd + " +
                                                        dialect.inserted("cost_nano_usd"));
  for (const auto& [line, cost] : costs_) {
    SqlStatement insert(sql);
    insert.use(line.first).use(line.second).use(cost).run(insert_day);
  }
}

}  // namespace relay
