#include "store/sql/sql_audit_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/page.h"
#include "store/sql/sql_statement.h"
#include "text/utf8.h"

#include <soci/error.h>

namespace relay {
namespace {

// Columns, define() and bind() keep one order.
constexpr const char* kAuditColumns =
    "id, actor_kind, actor_id, user_id, action, outcome, target, address, user_agent, request_id, details,"
    " created_at_ms";

struct AuditRow {
  AuditEntry entry;
  std::string actor_kind, outcome;
};

void define(SqlStatement& select, AuditRow& row) {
  auto& entry = row.entry;
  select.into(entry.id).into(row.actor_kind).into(entry.actor_id).into(entry.user_id).into(entry.action);
  select.into(row.outcome).into(entry.target).into(entry.address).into(entry.user_agent);
  select.into(entry.request_id).into(entry.details).into(entry.created_at);
}

void bind(SqlStatement& insert, const AuditEntry& entry) {
  insert.use(entry.id).use(to_string(entry.actor_kind)).use(entry.actor_id).use(entry.user_id);
  insert.use(entry.action).use(to_string(entry.outcome)).use(entry.target).use(entry.address);
  insert.use(entry.user_agent).use(entry.request_id).use(entry.details).use(entry.created_at);
}

Result<AuditEntry> to_entry(const AuditRow& row) {
  auto entry = row.entry;
  TRY(entry.actor_kind, parse_audit_actor(row.actor_kind));
  TRY(entry.outcome, parse_audit_outcome(row.outcome));
  return entry;
}

bool has_row(soci::session& sql, const char* query, const std::optional<std::string>& value = std::nullopt) {
  std::int64_t found = 0;
  SqlStatement select(sql);
  select.into(found);
  if (value) select.use(*value);
  select.select(query);
  return select.fetch();
}

AuditHead select_head(soci::session& sql) {
  AuditHead head;
  SqlStatement select(sql);
  select.into(head.sequence)
      .into(head.hash)
      .into(head.anchor_sequence)
      .into(head.anchor_hash)
      .into(head.seal);
  select.select("SELECT sequence, row_hash, anchor_sequence, anchor_hash, seal FROM audit_head WHERE id = 1");
  if (!select.fetch()) return AuditHead{};
  return head;
}

Error head_broken() {
  return Error(ErrorKind::internal, "audit_head_broken", "Internal error")
      .because("the head of the audit trail was changed or taken away: run claude-relay audit verify");
}

// The write lock of the head's row first: of several nodes one at a time chains.
Result<AuditHead> lock_head(soci::session& sql, const AuditChain& chain) {
  const auto locked = SqlStatement(sql).run("UPDATE audit_head SET sequence = sequence WHERE id = 1");
  if (locked == 0) {
    if (has_row(sql, "SELECT sequence FROM audit_logs LIMIT 1")) return head_broken();
    return AuditHead{};
  }
  auto head = select_head(sql);
  if (!chain.holds(head)) return head_broken();
  return head;
}

// There is no row to lock yet: who inserts it first chains first. The other sees it then.
void claim_head(soci::session& sql) {
  try {
    SqlStatement(sql).run(
        "INSERT INTO audit_head (id, sequence, row_hash, anchor_sequence, anchor_hash, seal)"
        " VALUES (1, 0, '', 0, '', '')");
  } catch (const soci::soci_error& error) {
    if (!violation_of(error)) throw;
    throw RaceLost("another node begins the audit trail");
  }
}

// The chain covers what is stored: the store takes UTF-8 only.
void make_valid(AuditEntry& entry) {
  for (auto* text : {&entry.id, &entry.actor_id, &entry.user_id, &entry.action, &entry.target, &entry.address,
                     &entry.user_agent, &entry.request_id, &entry.details}) {
    if (!is_utf8(*text)) *text = to_valid_utf8(*text);
  }
}

void put_head(soci::session& sql, const Dialect& dialect, const AuditChain& chain, const AuditHead& head) {
  SqlStatement put(sql);
  put.use(head.sequence).use(head.hash).use(head.anchor_sequence).use(head.anchor_hash).use(chain.seal(head));
  put.run(
      "INSERT INTO audit_head (id, sequence, row_hash, anchor_sequence, anchor_hash, seal)"
      " VALUES (1, :sequence, :hash, :anchor, :anchor_hash, :seal)" +
      dialect.on_duplicate_replace("id", {"sequence", "row_hash", "anchor_sequence", "anchor_hash", "seal"}));
}

}  // namespace

Task<> SqlAuditStore::append(std::vector<AuditEntry> entries) {
  for (auto& entry : entries) make_valid(entry);
  return database_.write([this, entries = std::move(entries)](soci::session& sql) -> Result<> {
    if (entries.empty()) return ok;
    TRY(auto head, lock_head(sql, chain_));
    if (head.sequence == 0) claim_head(sql);
    for (const auto& entry : entries) {
      if (has_row(sql, "SELECT sequence FROM audit_logs WHERE id = :id", entry.id)) continue;
      const auto hash = chain_.link(head.hash, head.sequence + 1, entry);
      SqlStatement insert(sql);
      bind(insert, entry);
      insert.use(head.sequence + 1).use(hash);
      insert.run(
          std::string("INSERT INTO audit_logs (") + kAuditColumns +
          ", sequence, row_hash) VALUES (:id, :kind, :actor, :user, :action, :outcome, :target, :address,"
          " :agent, :request, :details, :created, :sequence, :hash)");
      ++head.sequence;
      head.hash = hash;
    }
    if (head.sequence > 0) put_head(sql, database_.dialect(), chain_, head);
    return ok;
  });
}

Task<Page<AuditEntry>> SqlAuditStore::list(AuditFilter filter, PageRequest page) {
  return database_.read([filter = std::move(filter), page = std::move(page),
                         &dialect = database_.dialect()](soci::session& sql) -> Result<Page<AuditEntry>> {
    TRY(const auto place, parse_cursor(page.cursor));
    const int limit = held_limit(page);
    AuditRow row;
    SqlStatement select(sql);
    define(select, row);
    std::string where = "(created_at_ms < :before OR (created_at_ms = :at AND id < :id))";
    select.use(place.created_at_ms).use(place.created_at_ms).use(place.id);
    const auto narrow = [&](const std::string& condition, const auto& value) {
      where.append(" AND ").append(condition);
      select.use(value);
    };
    if (filter.user_id) narrow("user_id = :user", *filter.user_id);
    if (filter.actor_id) narrow("actor_id = :actor", *filter.actor_id);
    if (!filter.action.empty()) narrow(dialect.like("action", ":action"), like_beginning(filter.action));
    if (filter.outcome) narrow("outcome = :outcome", std::string(to_string(*filter.outcome)));
    if (filter.from) narrow("created_at_ms >= :from", *filter.from);
    if (filter.to) narrow("created_at_ms < :to", *filter.to);
    select.use(limit + 1);
    select.select(std::string("SELECT ") + kAuditColumns + " FROM audit_logs WHERE " + where +
                  " ORDER BY created_at_ms DESC, id DESC LIMIT :limit");
    std::vector<AuditEntry> entries;
    while (select.fetch()) {
      TRY(auto entry, to_entry(row));
      entries.push_back(std::move(entry));
    }
    return to_page(std::move(entries), limit);
  });
}

Task<AuditHead> SqlAuditStore::head() {
  return database_.read([](soci::session& sql) -> Result<AuditHead> { return select_head(sql); });
}

Task<std::vector<ChainedEntry>> SqlAuditStore::read_chain(std::int64_t sequence, int limit) {
  return database_.read([sequence, limit](soci::session& sql) -> Result<std::vector<ChainedEntry>> {
    AuditRow row;
    std::int64_t place = 0;
    std::string hash;
    SqlStatement select(sql);
    define(select, row);
    select.into(place).into(hash).use(sequence).use(limit);
    select.select(
        std::string("SELECT ") + kAuditColumns +
        ", sequence, row_hash FROM audit_logs WHERE sequence > :after ORDER BY sequence LIMIT :limit");
    std::vector<ChainedEntry> links;
    while (select.fetch()) {
      TRY(auto entry, to_entry(row));
      links.push_back({.sequence = place, .entry = std::move(entry), .hash = hash});
    }
    return links;
  });
}

Task<std::int64_t> SqlAuditStore::trim(WallTime before, int limit) {
  return database_.write([this, before, limit](soci::session& sql) -> Result<std::int64_t> {
    TRY(auto head, lock_head(sql, chain_));
    // In the order of the chain, up to the first that is young enough.
    std::int64_t sequence = 0;
    std::string hash;
    WallTime created_at;
    auto anchor = head;
    {
      SqlStatement select(sql);
      select.into(sequence).into(hash).into(created_at).use(head.sequence).use(limit);
      select.select(
          "SELECT sequence, row_hash, created_at_ms FROM audit_logs WHERE sequence < :newest ORDER BY "
          "sequence"
          " LIMIT :limit");
      while (select.fetch() && created_at < before) {
        anchor.anchor_sequence = sequence;
        anchor.anchor_hash = hash;
      }
    }
    if (anchor.anchor_sequence == head.anchor_sequence) return std::int64_t{0};
    const auto gone =
        SqlStatement(sql).use(anchor.anchor_sequence).run("DELETE FROM audit_logs WHERE sequence <= :anchor");
    put_head(sql, database_.dialect(), chain_, anchor);
    return gone;
  });
}

}  // namespace relay
