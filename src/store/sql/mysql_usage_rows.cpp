#include "store/sql/mysql_usage_rows.h"

#include "store/sql/sql_statement.h"
#include "text/utf8.h"

#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <vector>

namespace relay {
namespace {

// A statement has at most 65,535 values; more than some hundred rows save nothing.
constexpr std::size_t kRowsAtOnce = 200;

constexpr const char* kMysqlUsageRowsColumns =
    "attempt_id, request_id, upstream_request_id, message_id, key_number, account_word, model_word,"
    " requested_model_word, dialect, outcome, flags, status, error_type, input_tokens, cache_write_5m_tokens,"
    " cache_write_1h_tokens, cache_read_tokens, output_tokens, reasoning_tokens, web_search_requests,"
    " web_fetch_requests, service_tier_word, speed_word, inference_geo_word, cost_nano_usd, started_at_ms,"
    " first_byte_ms, duration_ms, client_address, ";
constexpr std::size_t kColumnCount = 29 + kRareColumnCount;
constexpr std::size_t kIdMax = 191;  // the widths of the columns: an id that is longer is cut, never refused,
constexpr std::size_t kOtherMax = 128;  // for a row that is refused would hold up the journal for ever

/// The values of the statement, in the order of its marks.
class Values {
 public:
  explicit Values(std::size_t rows) { binds_.reserve(rows * kColumnCount); }

  void text(std::string_view value, std::size_t most) {
    if (value.size() > most || !is_utf8(value))
      value = kept_.emplace_back(to_valid_utf8(value.substr(0, most), most));
    auto& bind = next(MYSQL_TYPE_STRING);
    bind.buffer = const_cast<char*>(value.empty() ? "" : value.data());
    bind.buffer_length = static_cast<unsigned long>(value.size());
  }
  void number(std::int64_t value) { next(MYSQL_TYPE_LONGLONG).buffer = &numbers_.emplace_back(value); }
  void number_or_null(std::optional<std::int64_t> value) {
    if (value) return number(*value);
    next(MYSQL_TYPE_NULL);
  }
  MYSQL_BIND* data() { return binds_.data(); }

 private:
  MYSQL_BIND& next(enum_field_types type) {
    auto& bind = binds_.emplace_back();
    std::memset(&bind, 0, sizeof bind);
    bind.buffer_type = type;
    return bind;
  }
  std::vector<MYSQL_BIND> binds_;
  std::deque<std::int64_t> numbers_;
  std::deque<std::string> kept_;
};

void put(Values& values, const UsageRow& row) {
  const auto& record = *row.record;
  const auto& usage = record.usage;
  for (const auto id :
       {record.attempt_id, record.request_id, record.upstream_request_id, record.message_id}) {
    values.text(id, kIdMax);
  }
  for (const auto number :
       {row.key, row.account, row.model, row.requested_model, static_cast<std::int64_t>(record.dialect),
        static_cast<std::int64_t>(record.outcome), flags_of(record), std::int64_t{record.status}}) {
    values.number(number);
  }
  values.text(record.error_type, kOtherMax);
  for (const auto number :
       {usage.input_tokens, usage.cache_write_5m_tokens, usage.cache_write_1h_tokens, usage.cache_read_tokens,
        usage.output_tokens, usage.reasoning_tokens, usage.web_search_requests, usage.web_fetch_requests,
        row.service_tier, row.speed, row.inference_geo, record.cost_nano_usd, epoch_ms(record.started_at),
        record.first_byte_ms, record.duration_ms}) {
    values.number(number);
  }
  values.text(record.client_address, kOtherMax);
  for (std::size_t i = 0; i < kRareColumnCount; ++i) values.number_or_null(rare_value(record, i));
}

/// The server's own prepared statement: SOCI would put some thirty quoted texts a row together.
class Prepared {
 public:
  Prepared(soci::session& sql, std::size_t rows)
      : statement_(::mysql_stmt_init(static_cast<soci::mysql_session_backend*>(sql.get_backend())->conn_)),
        rows_(rows) {
    if (statement_ == nullptr) throw std::bad_alloc();
    std::string marks = "(?";
    for (std::size_t i = 1; i < kColumnCount; ++i) marks += ", ?";
    marks += ")";
    std::string text =
        std::string("INSERT INTO usage_logs (") + kMysqlUsageRowsColumns + kRareColumns + ") VALUES " + marks;
    for (std::size_t i = 1; i < rows; ++i) text += ", " + marks;
    check(::mysql_stmt_prepare(statement_, text.data(), static_cast<unsigned long>(text.size())));
  }
  ~Prepared() { ::mysql_stmt_close(statement_); }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  std::size_t rows() const { return rows_; }
  void insert(std::span<const UsageRow> rows) {
    Values values(rows.size());
    for (const auto& row : rows) put(values, row);
    check(::mysql_stmt_bind_param(statement_, values.data()));
    check(::mysql_stmt_execute(statement_));
  }

 private:
  void check(int failed) {
    if (failed == 0) return;
    const soci::mysql_soci_error error(::mysql_stmt_error(statement_),
                                       static_cast<int>(::mysql_stmt_errno(statement_)));
    if (error.err_num_ != 0) throw error;
    throw soci::soci_error("the prepared statement failed");
  }
  MYSQL_STMT* statement_;
  const std::size_t rows_;
};

}  // namespace

void insert_mysql_usage_rows(soci::session& sql, std::span<const UsageRow> rows) {
  std::optional<Prepared> statement;
  while (!rows.empty()) {
    const auto count = std::min(kRowsAtOnce, rows.size());
    if (!statement || statement->rows() != count) statement.emplace(sql, count);
    statement->insert(rows.first(count));
    rows = rows.subspan(count);
  }
}

std::string_view mysql_attempt_id(const UsageRow& row) { return row.record->attempt_id.substr(0, kIdMax); }

}  // namespace relay
