#include "store/sql/sqlite_usage_rows.h"

#include "store/sql/sql_statement.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <new>
#include <string>

namespace relay {
namespace {

namespace sqlite = sqlite_api;

constexpr const char* kModule = "relay_usage_batch";
constexpr const char* kDeclare =
    "CREATE TABLE batch "
    "(a1,a2,a3,a4,a5,a6,a7,a8,a9,a10,a11,a12,a13,a14,a15,a16,a17,a18,a19,a20,a21,a22,a23,a24,a25,"
    "a26,a27,a28,a29,a30,a31,a32,a33,a34,a35,a36,a37,a38)";
constexpr int kFirstRareColumn = 30;
static_assert(kFirstRareColumn + kRareColumnCount == 38);

// The columns in the order of Cursor::column. "WHERE true": else ON CONFLICT reads as a join's ON.
const std::string kInsert =
    std::string(
        "INSERT INTO usage_logs (id, attempt_id, request_id, upstream_request_id, message_id, key_number, "
        "account_word,"
        " model_word, requested_model_word, dialect, outcome, flags, status, error_type, input_tokens,"
        " cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, reasoning_tokens,"
        " web_search_requests, web_fetch_requests, service_tier_word, speed_word, inference_geo_word, "
        "cost_nano_usd,"
        " started_at_ms, first_byte_ms, duration_ms, client_address, ") +
    kRareColumns +
    ")"
    " SELECT * FROM relay_usage_batch WHERE true ON CONFLICT (attempt_id) DO NOTHING";

using Rows = std::vector<UsageRow>;

// SQLite's own objects come first in ours, as its interface asks.
struct Table {
  sqlite::sqlite3_vtab base;
  const Rows* rows;
};
struct Cursor {
  sqlite::sqlite3_vtab_cursor base;
  Rows::const_iterator at;
  Rows::const_iterator end;
};

Cursor& cursor_of(sqlite::sqlite3_vtab_cursor* base) { return *reinterpret_cast<Cursor*>(base); }

void give(sqlite::sqlite3_context* out, std::string_view text) {
  // The record outlives the statement: no copy.
  // A null pointer would be NULL.
  sqlite::sqlite3_result_text(out, text.empty() ? "" : text.data(), static_cast<int>(text.size()),
                              SQLITE_STATIC);
}
void give(sqlite::sqlite3_context* out, std::int64_t value) { sqlite::sqlite3_result_int64(out, value); }

void give(sqlite::sqlite3_context* out, std::optional<std::int64_t> value) {
  if (value) return give(out, *value);
  sqlite::sqlite3_result_null(out);
}

void give_column(sqlite::sqlite3_context* out, const UsageRow& row, int column) {
  const auto& record = *row.record;
  const auto& usage = record.usage;
  switch (column) {
    case 0:
      return give(out, row.id);
    case 1:
      return give(out, record.attempt_id);
    case 2:
      return give(out, record.request_id);
    case 3:
      return give(out, record.upstream_request_id);
    case 4:
      return give(out, record.message_id);
    case 5:
      return give(out, row.key);
    case 6:
      return give(out, row.account);
    case 7:
      return give(out, row.model);
    case 8:
      return give(out, row.requested_model);
    case 9:
      return give(out, static_cast<std::int64_t>(record.dialect));
    case 10:
      return give(out, static_cast<std::int64_t>(record.outcome));
    case 11:
      return give(out, flags_of(record));
    case 12:
      return give(out, std::int64_t{record.status});
    case 13:
      return give(out, record.error_type);
    case 14:
      return give(out, usage.input_tokens);
    case 15:
      return give(out, usage.cache_write_5m_tokens);
    case 16:
      return give(out, usage.cache_write_1h_tokens);
    case 17:
      return give(out, usage.cache_read_tokens);
    case 18:
      return give(out, usage.output_tokens);
    case 19:
      return give(out, usage.reasoning_tokens);
    case 20:
      return give(out, usage.web_search_requests);
    case 21:
      return give(out, usage.web_fetch_requests);
    case 22:
      return give(out, row.service_tier);
    case 23:
      return give(out, row.speed);
    case 24:
      return give(out, row.inference_geo);
    case 25:
      return give(out, record.cost_nano_usd);
    case 26:
      return give(out, epoch_ms(record.started_at));
    case 27:
      return give(out, record.first_byte_ms);
    case 28:
      return give(out, record.duration_ms);
    case 29:
      return give(out, record.client_address);
    default:
      return give(out, rare_value(record, static_cast<std::size_t>(column - kFirstRareColumn)));
  }
}

extern "C" {
int batch_connect(sqlite::sqlite3* connection, void* rows, int, const char* const*,
                  sqlite::sqlite3_vtab** out, char**) {
  const int code = sqlite::sqlite3_declare_vtab(connection, kDeclare);
  if (code != SQLITE_OK) return code;
  auto* table = new (std::nothrow) Table{.base = {}, .rows = static_cast<const Rows*>(rows)};
  if (table == nullptr) return SQLITE_NOMEM;
  *out = &table->base;
  return SQLITE_OK;
}
int batch_disconnect(sqlite::sqlite3_vtab* table) {
  delete reinterpret_cast<Table*>(table);
  return SQLITE_OK;
}
int batch_best_index(sqlite::sqlite3_vtab*, sqlite::sqlite3_index_info*) { return SQLITE_OK; }
int batch_open(sqlite::sqlite3_vtab*, sqlite::sqlite3_vtab_cursor** out) {
  auto* cursor = new (std::nothrow) Cursor{};
  if (cursor == nullptr) return SQLITE_NOMEM;
  *out = &cursor->base;
  return SQLITE_OK;
}
int batch_close(sqlite::sqlite3_vtab_cursor* cursor) {
  delete &cursor_of(cursor);
  return SQLITE_OK;
}
int batch_filter(sqlite::sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite::sqlite3_value**) {
  const auto& rows = *reinterpret_cast<Table*>(cursor->pVtab)->rows;
  cursor_of(cursor).at = rows.begin();
  cursor_of(cursor).end = rows.end();
  return SQLITE_OK;
}
int batch_next(sqlite::sqlite3_vtab_cursor* cursor) {
  ++cursor_of(cursor).at;
  return SQLITE_OK;
}
int batch_eof(sqlite::sqlite3_vtab_cursor* cursor) {
  return cursor_of(cursor).at == cursor_of(cursor).end ? 1 : 0;
}
int batch_column(sqlite::sqlite3_vtab_cursor* cursor, sqlite::sqlite3_context* out, int column) {
  give_column(out, *cursor_of(cursor).at, column);
  return SQLITE_OK;
}
int batch_row_id(sqlite::sqlite3_vtab_cursor* cursor, sqlite::sqlite3_int64* out) {
  *out = cursor_of(cursor).at->id;
  return SQLITE_OK;
}
}

// No xCreate: a table of its own name, in no schema (an eponymous-only virtual table).
sqlite::sqlite3_module make_module() {
  sqlite::sqlite3_module module{};
  module.xConnect = batch_connect;
  module.xDisconnect = batch_disconnect;
  module.xBestIndex = batch_best_index;
  module.xOpen = batch_open;
  module.xClose = batch_close;
  module.xFilter = batch_filter;
  module.xNext = batch_next;
  module.xEof = batch_eof;
  module.xColumn = batch_column;
  module.xRowid = batch_row_id;
  return module;
}
const sqlite::sqlite3_module kBatchModule = make_module();

/// The module lives as long as `rows` are looked at, and no longer.
class Registered {
 public:
  Registered(sqlite::sqlite3* connection, Rows& rows) : connection_(connection) {
    check(sqlite::sqlite3_create_module(connection_, kModule, &kBatchModule, &rows));
  }
  ~Registered() { sqlite::sqlite3_create_module(connection_, kModule, nullptr, nullptr); }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;

  void insert() const {
    sqlite::sqlite3_stmt* statement = nullptr;
    check(sqlite::sqlite3_prepare_v2(connection_, kInsert.c_str(), -1, &statement, nullptr));
    const int code = sqlite::sqlite3_step(statement);
    const std::string words = sqlite::sqlite3_errmsg(connection_);
    sqlite::sqlite3_finalize(statement);
    if (code != SQLITE_DONE) throw soci::sqlite3_soci_error(words, code);
  }

 private:
  void check(int code) const {
    if (code != SQLITE_OK) throw soci::sqlite3_soci_error(sqlite::sqlite3_errmsg(connection_), code);
  }
  sqlite::sqlite3* connection_;
};

bool is_there(soci::session& sql, const UsageRow& row) {
  std::int64_t id = 0;
  SqlStatement select(sql);
  select.into(id).use(row.record->attempt_id).select("SELECT id FROM usage_logs WHERE attempt_id = :attempt");
  return select.fetch() && id == row.id;
}

}  // namespace

void insert_sqlite_usage_rows(soci::session& sql, std::vector<UsageRow>& rows) {
  if (rows.empty()) return;
  auto* connection = static_cast<soci::sqlite3_session_backend*>(sql.get_backend())->conn_;
  Registered(connection, rows).insert();
  if (static_cast<std::size_t>(sqlite::sqlite3_changes(connection)) == rows.size()) return;
  std::erase_if(rows, [&](const UsageRow& row) { return !is_there(sql, row); });
}

}  // namespace relay
