#include "store/sql/sql_billing_store.h"

#include "store/sql/sql_database.h"
#include "store/page.h"
#include "store/sql/sql_statement.h"

namespace relay {
namespace {

// Columns and both lists of values keep one order.
constexpr const char* kBillingColumns =
    "id, user_id, kind, amount_nano_usd, balance_after_nano_usd, period_start_ms, period_end_ms, reference,"
    " description, created_at_ms";

}  // namespace

Task<BillingRecord> SqlBillingStore::post(BillingRecord record) {
  return database_.write([record = std::move(record)](soci::session& sql) mutable -> Result<BillingRecord> {
    const auto moved =
        SqlStatement(sql)
            .use(record.amount)
            .use(record.user_id)
            .run("UPDATE users SET balance_nano_usd = balance_nano_usd + :amount WHERE id = :user");
    if (moved == 0) return Error(ErrorKind::not_found, "user_unknown", "User not found");
    {
      SqlStatement select(sql);
      select.into(record.balance_after).use(record.user_id);
      select.select("SELECT balance_nano_usd FROM users WHERE id = :user");
      (void)select.fetch();
    }
    SqlStatement insert(sql);
    insert.use(record.id).use(record.user_id).use(to_string(record.kind)).use(record.amount);
    insert.use(record.balance_after).use(record.period_start).use(record.period_end).use(record.reference);
    insert.use(record.description).use(record.created_at);
    insert.run(std::string("INSERT INTO billing_records (") + kBillingColumns +
               ") VALUES (:id, :user, :kind, :amount, :balance, :start, :end, :reference, :description,"
               " :created)");
    return record;
  });
}

Task<Page<BillingRecord>> SqlBillingStore::list_by_user(std::string user_id, PageRequest page) {
  return database_.read([user_id = std::move(user_id),
                         page = std::move(page)](soci::session& sql) -> Result<Page<BillingRecord>> {
    TRY(const auto place, parse_cursor(page.cursor));
    const int limit = held_limit(page);
    BillingRecord row;
    std::string kind;
    SqlStatement select(sql);
    select.into(row.id).into(row.user_id).into(kind).into(row.amount).into(row.balance_after);
    select.into(row.period_start).into(row.period_end).into(row.reference).into(row.description);
    select.into(row.created_at);
    select.use(user_id).use(place.created_at_ms).use(place.created_at_ms).use(place.id).use(limit + 1);
    select.select(std::string("SELECT ") + kBillingColumns +
                  " FROM billing_records WHERE user_id = :user AND"
                  " (created_at_ms < :before OR (created_at_ms = :at AND id < :id))"
                  " ORDER BY created_at_ms DESC, id DESC LIMIT :limit");
    std::vector<BillingRecord> records;
    while (select.fetch()) {
      TRY(row.kind, parse_billing_kind(kind));
      records.push_back(row);
    }
    return to_page(std::move(records), limit);
  });
}

}  // namespace relay
