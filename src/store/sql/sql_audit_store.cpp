#include "store/sql/sql_audit_store.h"

#include "store/sql/sql_database.h"
#include "store/sql/sql_page.h"
#include "store/sql/sql_statement.h"

namespace relay {
namespace {

// Columns and define() keep one order.
constexpr const char* kColumns =
    "id, actor_id, user_id, action, target, address, request_id, details, created_at_ms";

void define(SqlStatement& select, AuditEntry& entry) {
  select.into(entry.id).into(entry.actor_id).into(entry.user_id).into(entry.action).into(entry.target);
  select.into(entry.address).into(entry.request_id).into(entry.details).into(entry.created_at);
}

}  // namespace

Task<> SqlAuditStore::append(AuditEntry entry) {
  return database_.write([entry = std::move(entry)](soci::session& sql) -> Result<> {
    std::string previous;
    {
      SqlStatement select(sql);
      select.into(previous).select("SELECT row_hash FROM audit_logs ORDER BY sequence DESC LIMIT 1");
      select.fetch();
    }
    SqlStatement insert(sql);
    insert.use(entry.id).use(entry.actor_id).use(entry.user_id).use(entry.action).use(entry.target);
    insert.use(entry.address).use(entry.request_id).use(entry.details).use(entry.created_at);
    insert.use(previous).use(chain_hash(previous, entry));
    insert.run(std::string("INSERT INTO audit_logs (") + kColumns +
               ", previous_hash, row_hash) VALUES (:id, :actor, :user, :action, :target, :address, :request,"
               " :details, :created, :previous, :hash)");
    return {};
  });
}

Task<Page<AuditEntry>> SqlAuditStore::list_by_user(std::string user_id, PageRequest page) {
  return database_.read(
      [user_id = std::move(user_id), page = std::move(page)](soci::session& sql) -> Result<Page<AuditEntry>> {
        TRY(const auto place, parse_cursor(page.cursor));
        const int limit = held_limit(page);
        AuditEntry row;
        SqlStatement select(sql);
        define(select, row);
        select.use(user_id).use(place.created_at_ms).use(place.created_at_ms).use(place.id).use(limit + 1);
        select.select(std::string("SELECT ") + kColumns +
                      " FROM audit_logs WHERE user_id = :user AND"
                      " (created_at_ms < :before OR (created_at_ms = :at AND id < :id))"
                      " ORDER BY created_at_ms DESC, id DESC LIMIT :limit");
        std::vector<AuditEntry> entries;
        while (select.fetch()) entries.push_back(row);
        return to_page(std::move(entries), limit);
      });
}

Task<std::optional<std::int64_t>> SqlAuditStore::find_break() {
  return database_.read([](soci::session& sql) -> Result<std::optional<std::int64_t>> {
    AuditEntry row;
    std::int64_t sequence = 0;
    std::string previous, hash, expected_previous;
    SqlStatement select(sql);
    define(select, row);
    select.into(sequence).into(previous).into(hash);
    select.select(std::string("SELECT ") + kColumns +
                  ", sequence, previous_hash, row_hash FROM audit_logs ORDER BY sequence");
    while (select.fetch()) {
      if (previous != expected_previous || hash != chain_hash(previous, row)) return std::optional(sequence);
      expected_previous = hash;
    }
    return std::optional<std::int64_t>();
  });
}

}  // namespace relay
