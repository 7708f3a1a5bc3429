#include "store/sql/sql_usage_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"
#include "store/sql/usage_id_index.h"
#include "store/sql/usage_report.h"
#include "store/sql/usage_roll_up.h"
#include "store/sql/usage_rows.h"
#include "store/sql/usage_shares.h"

#include <soci/soci.h>

#include <algorithm>
#include <optional>

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

std::int64_t next_row_id(soci::session& sql) {
  std::optional<std::int64_t> newest;
  SqlStatement select(sql);
  select.into(newest).select("SELECT MAX(id) FROM usage_logs");
  (void)select.fetch();
  // Never an id that was used: the id index may know it still.
  return std::max(newest.value_or(0), UsageIdIndex::last_indexed(sql)) + 1;
}

UsageRow row_of(UsageWords& words, soci::session& sql, std::int64_t id, const UsageRecordView& record) {
  return {.id = id,
          .key = words.key_number(sql, record.user_id, record.key_id),
          .account = words.number_of(sql, record.upstream_account_id),
          .model = words.number_of(sql, record.model),
          .requested_model = words.number_of(sql, record.requested_model),
          .service_tier = words.number_of(sql, record.mode.service_tier),
          .speed = words.number_of(sql, record.mode.speed),
          .inference_geo = words.number_of(sql, record.mode.inference_geo),
          .record = &record};
}

}  // namespace

std::vector<UsageRow> SqlUsageStore::insert_records(soci::session& sql,
                                                    const std::vector<const UsageRecordView*>& records) {
  auto id = next_row_id(sql);
  UsageIdIndex::index_full_runs(sql, id);
  std::vector<UsageRow> rows;
  rows.reserve(records.size());
  for (const auto* record : records) rows.push_back(row_of(words_, sql, id++, *record));
  insert_usage_rows(sql, rows);
  return rows;
}

Task<> SqlUsageStore::append(std::string node_id, std::shared_ptr<const UsageBatch> batch) {
  // Its own transaction, so that it knows whether the new words are there to stay.
  auto work = [this, node_id = std::move(node_id), batch = std::move(batch)](soci::session& sql) -> Result<> {
    const auto& dialect = database_.dialect();
    words_.forget();  // those of a transaction that failed
    SqlDatabase::Transaction transaction(sql, dialect);
    const auto last = last_sequence_of(sql, node_id);
    const auto newest = batch->records.back().sequence;
    if (newest <= last) return ok;
    std::vector<const UsageRecordView*> fresh;
    fresh.reserve(batch->records.size());
    for (const auto& [sequence, record] : batch->records) {
      if (sequence > last) fresh.push_back(&record);
    }
    // An attempt that is there under another number came from a copied journal: it counts once.
    UsageRollUp sums;
    for (const auto& row : insert_records(sql, fresh)) sums.add(row);
    sums.store(sql, dialect);
    SqlStatement mark(sql);
    mark.use(node_id).use(newest);
    mark.run("INSERT INTO node_offsets (node_id, last_seq) VALUES (:node, :last)" +
             dialect.on_duplicate_replace("node_id", {"last_seq"}));
    transaction.commit();
    words_.keep();
    return ok;
  };
  return database_.administer(std::move(work));
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
  return database_.read([from, to](soci::session& sql) -> Result<std::vector<UserUsage>> {
    const auto day = [](WallTime time) {
      return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
    };
    UserUsage row;
    SqlStatement select(sql);
    select.into(row.user_id).into(row.requests).into(row.tokens);
    select.use(static_cast<std::int64_t>(day(from))).use(static_cast<std::int64_t>(day(to)));
    select.select(
        "SELECT k.user_id, SUM(d.requests), SUM(d.input_tokens + d.cache_write_5m_tokens +"
        " d.cache_write_1h_tokens + d.cache_read_tokens + d.output_tokens)"
        " FROM usage_daily d JOIN usage_keys k ON k.id = d.key_number"
        " WHERE d.day >= :first AND d.day < :end GROUP BY k.user_id ORDER BY k.user_id");
    std::vector<UserUsage> all;
    while (select.fetch()) all.push_back(row);
    return all;
  });
}

Task<UsageShares> SqlUsageStore::shares(UsageSharesQuery query) {
  return database_.read([query = std::move(query)](soci::session& sql) -> Result<UsageShares> {
    return usage_shares(sql, query);
  });
}

Task<std::vector<UsageRecord>> SqlUsageStore::list_newest(std::string user_id, WallTime before, int limit) {
  return database_.read(
      [user_id = std::move(user_id), before, limit](soci::session& sql) -> Result<std::vector<UsageRecord>> {
        std::vector<std::int64_t> rows;
        {
          std::int64_t row = 0;
          SqlStatement select(sql);
          select.into(row).use(user_id).use(before).use(std::clamp(limit, 1, kNewestMax));
          select.select(
              "SELECT l.id FROM usage_logs l JOIN usage_keys k ON k.id = l.key_number"
              " WHERE k.user_id = :user AND l.started_at_ms < :before"
              " ORDER BY l.started_at_ms DESC, l.id DESC LIMIT :limit");
          while (select.fetch()) rows.push_back(row);
        }
        std::vector<UsageRecord> records;
        for (const auto row : rows) {
          TRY(auto record, usage_record_of(sql, row));
          if (record) records.push_back(*std::move(record));
        }
        return records;
      });
}

Task<std::int64_t> SqlUsageStore::delete_oldest(WallTime before, int limit) {
  return database_.write([before, limit](soci::session& sql) -> Result<std::int64_t> {
    std::int64_t last = 0;
    {
      std::int64_t id = 0;
      WallTime started_at;
      SqlStatement select(sql);
      select.into(id).into(started_at).use(limit);
      select.select("SELECT id, started_at_ms FROM usage_logs ORDER BY id LIMIT :limit");
      while (select.fetch() && started_at < before) last = id;
    }
    if (last == 0) return std::int64_t{0};
    const auto gone = SqlStatement(sql).use(last).run("DELETE FROM usage_logs WHERE id <= :last");
    UsageIdIndex::forget_runs_up_to(sql, last);
    return gone;
  });
}

Task<std::vector<UsageRecord>> SqlUsageStore::find_by_any_id(std::string user_id, std::string id) {
  return database_.read([user_id = std::move(user_id),
                         id = std::move(id)](soci::session& sql) -> Result<std::vector<UsageRecord>> {
    if (id.empty()) return std::vector<UsageRecord>{};
    const auto indexed =
        UsageIdIndex::last_indexed(sql);  // first: a run that comes meanwhile is looked at twice
    auto rows = UsageIdIndex::find(sql, id);
    std::int64_t found = 0;
    SqlStatement fresh(sql);
    fresh.into(found).use(indexed).use(id).use(id).use(id).use(id);
    fresh.select(
        "SELECT id FROM usage_logs WHERE id > :indexed AND"
        " (request_id = :a OR upstream_request_id = :b OR message_id = :c)"
        " UNION ALL SELECT id FROM usage_logs WHERE attempt_id = :d");
    while (fresh.fetch()) rows.push_back(found);

    std::sort(rows.begin(), rows.end(), std::greater<>());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    std::vector<UsageRecord> records;
    for (const auto row : rows) {
      if (records.size() >= kFoundMax) break;
      TRY(auto record, usage_record_of(sql, row));
      if (!record || record->user_id != user_id) continue;
      if (id != record->attempt_id && id != record->request_id && id != record->upstream_request_id &&
          id != record->message_id) {
        continue;
      }
      records.push_back(*std::move(record));
    }
    std::stable_sort(records.begin(), records.end(), [](const UsageRecord& left, const UsageRecord& right) {
      return left.started_at > right.started_at;
    });
    return records;
  });
}

}  // namespace relay
