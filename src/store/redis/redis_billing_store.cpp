#include "store/redis/redis_billing_store.h"

#include "store/redis/redis_database.h"
#include "store/redis/redis_row.h"

namespace relay {
namespace {

const RedisScript& billing_script() {
  static const RedisScript script = store_script("billing_store.lua");
  return script;
}

Result<BillingRecord> to_record(const RedisReply& reply) {
  BillingRecord record;
  std::string kind;
  RedisRow row(reply);
  row.into("id", record.id).into("user_id", record.user_id).into("kind", kind);
  row.into("amount_nano_usd", record.amount).into("balance_after_nano_usd", record.balance_after);
  row.into("period_start_ms", record.period_start).into("period_end_ms", record.period_end);
  row.into("reference", record.reference).into("description", record.description);
  CHECK(row.into("created_at_ms", record.created_at).check());
  TRY(record.kind, parse_billing_kind(kind));
  return record;
}

}  // namespace

Task<BillingRecord> RedisBillingStore::post(BillingRecord record) {
  RedisFields fields;
  fields.set("id", record.id).set("user_id", record.user_id).set("kind", to_string(record.kind));
  fields.set("amount_nano_usd", record.amount).set_if("period_start_ms", record.period_start);
  fields.set_if("period_end_ms", record.period_end).set_if("reference", record.reference);
  fields.set("description", record.description).set("created_at_ms", record.created_at);
  RedisWords words("post");
  words.add(fields);
  CO_TRY(const auto reply, co_await database_.run(billing_script(), std::move(words)));
  CO_TRY(record.balance_after, to_number(reply.text));
  co_return record;
}

Task<Page<BillingRecord>> RedisBillingStore::list_by_user(std::string user_id, PageRequest page) {
  CO_TRY(const auto place, parse_cursor(page.cursor));
  const int limit = held_limit(page);
  RedisWords words("list");
  words.add(std::move(user_id));
  CO_TRY(const auto rows, co_await database_.list(billing_script(), std::move(words), place, limit + 1));
  std::vector<BillingRecord> records;
  for (const auto& row : rows) {
    CO_TRY(auto record, to_record(row));
    records.push_back(std::move(record));
  }
  co_return to_page(std::move(records), limit);
}

}  // namespace relay
