#include "store/sql/sql_usage_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"
#include "store/sql/usage_account_days.h"
#include "store/sql/usage_report.h"
#include "store/sql/usage_roll_up.h"
#include "store/sql/usage_shares.h"
#include "store/sql/usage_sums.h"

#include <soci/soci.h>

#include <algorithm>
#include <compare>
#include <functional>

namespace relay {
namespace {

constexpr std::size_t kFoundMax = 100;
constexpr int kNewestMax = 1'000;

std::int64_t last_sequence_of(soci::session& sql, const std::string& node_id) {
  std::int64_t last = 0;
  SqlStatement select(sql);
  select.into(last).use(node_id).select("SELECT last_seq FROM node_offsets WHERE node_id = :node");
  return select.fetch() ? last : 0;
}

UsageRow row_of(UsageWordsInTransaction& words, const UsageRecordView& record) {
  return {.key = words.key_number(record.user_id, record.key_id),
          .account = words.number_of(record.upstream_account_id),
          .model = words.number_of(record.model),
          .requested_model = words.number_of(record.requested_model),
          .service_tier = words.number_of(record.mode.service_tier),
          .speed = words.number_of(record.mode.speed),
          .inference_geo = words.number_of(record.mode.inference_geo),
          .record = &record};
}

// The user's keys that have used something.
std::vector<std::int64_t> key_numbers_of(soci::session& sql, const std::string& user_id) {
  std::vector<std::int64_t> keys;
  std::int64_t key = 0;
  SqlStatement select(sql);
  select.into(key).use(user_id).select("SELECT id FROM usage_keys WHERE user_id = :user");
  while (select.fetch()) keys.push_back(key);
  return keys;
}

struct NewestRow {
  WallTime started_at;
  std::int64_t id = 0;
  friend auto operator<=>(const NewestRow&, const NewestRow&) = default;
};

// Key by key, each from the end of its index: a user's rows are never sorted.
std::vector<NewestRow> newest_rows(soci::session& sql, const std::string& user_id, WallTime before,
                                   int limit) {
  std::vector<NewestRow> rows;
  for (const auto key : key_numbers_of(sql, user_id)) {
    NewestRow row;
    SqlStatement select(sql);
    select.into(row.id).into(row.started_at).use(key).use(before).use(limit);
    select.select(
        "SELECT id, started_at_ms FROM usage_logs WHERE key_number = :key AND started_at_ms < :before"
        " ORDER BY started_at_ms DESC, id DESC LIMIT :limit");
    while (select.fetch()) rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(), std::greater<>());
  if (rows.size() > static_cast<std::size_t>(limit)) rows.resize(static_cast<std::size_t>(limit));
  return rows;
}

}  // namespace

SqlUsageStore::SqlUsageStore(SqlDatabase& database)
    : database_(database), table_(database.dialect().usage_table()) {}

std::vector<UsageRow> SqlUsageStore::insert_records(
    soci::session& sql, UsageWordsInTransaction& words,
    const std::vector<const UsageRecordView*>& records) const {
  std::vector<UsageRow> rows;
  rows.reserve(records.size());
  for (const auto* record : records) rows.push_back(row_of(words, *record));
  // An attempt that is there under another number came from a copied journal: it counts once.
  table_->insert(sql, rows);
  return rows;
}

Task<> SqlUsageStore::append(std::string node_id, std::shared_ptr<const UsageBatch> batch) {
  // What a transaction that is rolled back, or lost, has given numbers to is forgotten.
  UsageWordNumbers numbers;
  auto work = [this, &numbers, &node_id, &batch](soci::session& sql) -> Result<> {
    const auto& dialect = database_.dialect();
    const auto& records = batch->records;
    numbers.clear();
    // Its row first, locked: of two processes that write for one node the second sees what the first has
    // stored.
    SqlStatement(sql).use(node_id).run("INSERT INTO node_offsets (node_id) VALUES (:node)" +
                                       dialect.on_duplicate_keep("node_id"));
    const auto last = last_sequence_of(sql, node_id);
    if (records.back().sequence <= last) return ok;
    UsageWordsInTransaction words(words_, sql, dialect);
    std::vector<const UsageRecordView*> fresh;
    fresh.reserve(records.size());
    for (const auto& [sequence, record] : records) {
      if (sequence > last) fresh.push_back(&record);
    }
    const auto rows = insert_records(sql, words, fresh);
    UsageRollUp sums;
    UsageAccountDays account_days;
    for (const auto& row : rows) {
      sums.add(row);
      account_days.add(row);
    }
    sums.store(sql, dialect);
    account_days.store(sql, dialect);
    SqlStatement(sql)
        .use(records.back().sequence)
        .use(node_id)
        .run("UPDATE node_offsets SET last_seq = :last WHERE node_id = :node");
    numbers = words.numbers();
    return ok;
  };
  CO_CHECK(co_await database_.write(std::move(work)));
  words_.keep(numbers);
  co_return ok;
}

Task<std::int64_t> SqlUsageStore::last_sequence(std::string node_id) {
  return database_.read([node_id = std::move(node_id)](soci::session& sql) -> Result<std::int64_t> {
    return last_sequence_of(sql, node_id);
  });
}

Task<> SqlUsageStore::lease_node(std::string node_id, std::string holder, WallTime now, WallTime until) {
  return database_.write([node_id = std::move(node_id), holder = std::move(holder), now, until,
                          &dialect = database_.dialect()](soci::session& sql) -> Result<> {
    SqlStatement insert(sql);
    insert.use(node_id).run("INSERT INTO node_offsets (node_id) VALUES (:node)" +
                            dialect.on_duplicate_keep("node_id"));
    SqlStatement take(sql);
    take.use(holder).use(until).use(node_id).use(holder).use(now);
    const auto taken = take.run(
        "UPDATE node_offsets SET holder = :holder, lease_until_ms = :until"
        " WHERE node_id = :node AND (holder = :same OR lease_until_ms <= :now)");
    if (taken == 1) return ok;
    return Error(ErrorKind::conflict, "node_held", "Another process writes for this node")
        .because("node " + node_id +
                 " is leased by another process: a copied journal, or an old process that lives");
  });
}

Task<UsageReport> SqlUsageStore::report(UsageQuery query) {
  return database_.read([query = std::move(query)](soci::session& sql) -> Result<UsageReport> {
    return usage_report(sql, query);
  });
}

Task<std::vector<UserUsage>> SqlUsageStore::sum_by_user(WallTime from, WallTime to) {
  const auto day_of = [](WallTime time) -> std::int64_t {
    return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
  };
  return database_.read(
      [this, first = day_of(from), end = day_of(to)](soci::session& sql) -> Result<std::vector<UserUsage>> {
        UserUsage row;
        SqlStatement select(sql);
        select.into(row.user_id).into(row.requests).into(row.tokens);
        select.use(first).use(end);
        select.select("SELECT k.user_id, SUM(d.requests), SUM(" + total_tokens_of("d") + ")" +
                      roll_ups_between(first, end, database_.dialect()) +
                      " JOIN usage_keys k ON k.id = d.key_number"
                      " WHERE d.day >= :first AND d.day < :end GROUP BY k.user_id ORDER BY k.user_id");
        std::vector<UserUsage> all;
        while (select.fetch()) all.push_back(row);
        return all;
      });
}

Task<UsageShares> SqlUsageStore::shares(UsageSharesQuery query) {
  return database_.read([this, query = std::move(query)](soci::session& sql) -> Result<UsageShares> {
    return usage_shares(sql, database_.dialect(), query);
  });
}

Task<std::vector<AccountCost>> SqlUsageStore::costs_by_account(WallTime at) {
  return database_.read([day =
                             epoch_ms(at) / kDayMs](soci::session& sql) -> Result<std::vector<AccountCost>> {
    AccountCost row;
    SqlStatement select(sql);
    select.into(row.account_id).into(row.cost_nano_usd).use(day);
    select.select(
        "SELECT w.word, d.cost_nano_usd FROM usage_account_days d JOIN usage_words w ON w.id = d.account_word"
        " WHERE d.day = :day");
    std::vector<AccountCost> all;
    while (select.fetch()) all.push_back(row);
    return all;
  });
}

Task<std::vector<UsageRecord>> SqlUsageStore::list_newest(std::string user_id, WallTime before, int limit) {
  return database_.read(
      [user_id = std::move(user_id), before, limit](soci::session& sql) -> Result<std::vector<UsageRecord>> {
        std::vector<std::int64_t> ids;
        for (const auto& row : newest_rows(sql, user_id, before, std::clamp(limit, 1, kNewestMax)))
          ids.push_back(row.id);
        return usage_records_of(sql, ids);
      });
}

Task<> SqlUsageStore::prepare_months(WallTime now) {
  return database_.administer([this, now](soci::session& sql) -> Result<> {
    table_->prepare_months(sql, epoch_ms(now));
    return ok;
  });
}

Task<std::int64_t> SqlUsageStore::delete_oldest(WallTime before, int limit) {
  auto drop = [this, before](soci::session& sql) -> Result<std::int64_t> {
    return table_->drop_months(sql, epoch_ms(before));
  };
  CO_TRY(const auto dropped, co_await database_.administer(std::move(drop)));
  auto find = [this, before, limit](soci::session& sql) -> Result<std::vector<std::int64_t>> {
    return table_->find_before(sql, epoch_ms(before), limit);
  };
  CO_TRY(const auto old, co_await database_.read(std::move(find)));
  if (old.empty()) co_return dropped;
  auto remove = [this, &old, before](soci::session& sql) -> Result<std::int64_t> {
    SqlStatement statement(sql);
    statement.use(before);  // the months in which they can lie
    const auto gone = statement.run("DELETE FROM usage_logs WHERE started_at_ms < :before AND id IN (" +
                                    statement.use_each(old) + ")");
    table_->forget_deleted(sql);
    return gone;
  };
  CO_TRY(const auto removed, co_await database_.write(std::move(remove)));
  co_return dropped + removed;
}

Task<std::vector<UsageRecord>> SqlUsageStore::find_by_any_id(std::string user_id, std::string id) {
  return database_.read([this, user_id = std::move(user_id),
                         id = std::move(id)](soci::session& sql) -> Result<std::vector<UsageRecord>> {
    if (id.empty()) return std::vector<UsageRecord>{};
    auto rows = table_->find(sql, id);
    std::sort(rows.begin(), rows.end(), std::greater<>());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    TRY(auto records, usage_records_of(sql, rows));
    std::erase_if(records, [&](const UsageRecord& record) {
      return record.user_id != user_id || (id != record.attempt_id && id != record.request_id &&
                                           id != record.upstream_request_id && id != record.message_id);
    });
    if (records.size() > kFoundMax) records.resize(kFoundMax);
    std::stable_sort(records.begin(), records.end(), [](const UsageRecord& left, const UsageRecord& right) {
      return left.started_at > right.started_at;
    });
    return records;
  });
}

}  // namespace relay
