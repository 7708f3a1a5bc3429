#include "store/sql/usage_rows.h"

#include "store/sql/sql_statement.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace relay {
namespace {

namespace sqlite = sqlite_api;

constexpr const char* kInsert =
    "INSERT INTO usage_logs (id, attempt_id, request_id, upstream_request_id, message_id, key_number, "
    "account_word,"
    " model_word, requested_model_word, dialect, outcome, flags, status, error_type, input_tokens,"
    " cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, reasoning_tokens,"
    " web_search_requests, web_fetch_requests, service_tier_word, speed_word, inference_geo_word, "
    "cost_nano_usd,"
    " started_at_ms, first_byte_ms, duration_ms, client_address) VALUES"
    " (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (attempt_id) DO NOTHING";

/// Binds in the order of the text. The texts must live until the statement is reset.
class Binds {
 public:
  explicit Binds(sqlite::sqlite3_stmt* statement) : statement_(statement) {}
  Binds& operator<<(std::int64_t value) {
    sqlite::sqlite3_bind_int64(statement_, ++at_, value);
    return *this;
  }
  Binds& operator<<(const std::string& text) {
    sqlite::sqlite3_bind_text(statement_, ++at_, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    return *this;
  }

 private:
  sqlite::sqlite3_stmt* statement_;
  int at_ = 0;
};

}  // namespace

UsageRows::UsageRows(soci::session& sql)
    : connection_(static_cast<soci::sqlite3_session_backend*>(sql.get_backend())->conn_),
      statement_(nullptr) {
  auto* connection = static_cast<sqlite::sqlite3*>(connection_);
  sqlite::sqlite3_stmt* statement = nullptr;
  const int code = sqlite::sqlite3_prepare_v2(connection, kInsert, -1, &statement, nullptr);
  if (code != SQLITE_OK) throw soci::sqlite3_soci_error(sqlite::sqlite3_errmsg(connection), code);
  statement_ = statement;
}

UsageRows::~UsageRows() { sqlite::sqlite3_finalize(static_cast<sqlite::sqlite3_stmt*>(statement_)); }

bool UsageRows::insert(const UsageRowNumbers& numbers, const UsageRecord& record) {
  auto* connection = static_cast<sqlite::sqlite3*>(connection_);
  auto* statement = static_cast<sqlite::sqlite3_stmt*>(statement_);
  const auto& usage = record.usage;
  const std::int64_t flags = (record.streamed ? kRowStreamed : 0) | (record.estimated ? kRowEstimated : 0) |
                             (record.priced ? 0 : kRowUnpriced);
  Binds binds(statement);
  binds << numbers.id << record.attempt_id << record.request_id << record.upstream_request_id
        << record.message_id << numbers.key << numbers.account << numbers.model << numbers.requested_model
        << static_cast<std::int64_t>(record.dialect) << static_cast<std::int64_t>(record.outcome) << flags
        << std::int64_t{record.status} << record.error_type << usage.input_tokens
        << usage.cache_write_5m_tokens << usage.cache_write_1h_tokens << usage.cache_read_tokens
        << usage.output_tokens << usage.reasoning_tokens << usage.web_search_requests
        << usage.web_fetch_requests << numbers.service_tier << numbers.speed << numbers.inference_geo
        << record.cost_nano_usd << epoch_ms(record.started_at) << record.first_byte_ms << record.duration_ms
        << record.client_address;
  const int code = sqlite::sqlite3_step(statement);
  sqlite::sqlite3_reset(statement);
  if (code != SQLITE_DONE) throw soci::sqlite3_soci_error(sqlite::sqlite3_errmsg(connection), code);
  return sqlite::sqlite3_changes(connection) == 1;
}

}  // namespace relay
