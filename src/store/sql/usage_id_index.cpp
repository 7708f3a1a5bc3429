#include "store/sql/usage_id_index.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace relay {
namespace {

namespace sqlite = sqlite_api;

constexpr std::size_t kEntriesPerRow = 480;  // 3,840 bytes: one page

struct Entry {
  std::uint32_t hash;
  std::uint32_t offset;
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

// FNV-1a, 64 bits folded to 32. It is on disk: it can't change.
std::uint32_t hash_of(std::string_view id) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

void put_number(std::string& out, std::uint32_t number) {
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>((number >> shift) & 0xFF));
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (unsigned i = 0; i < 4; ++i)
    number |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return number;
}

/// SQLite's own interface: SOCI 4 reads a blob through a stream object of its own per row.
class Statement {
 public:
  Statement(soci::session& sql, const char* text)
      : connection_(static_cast<soci::sqlite3_session_backend*>(sql.get_backend())->conn_) {
    check(sqlite::sqlite3_prepare_v2(connection_, text, -1, &statement_, nullptr), SQLITE_OK);
  }
  ~Statement() { sqlite::sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int at, std::int64_t value) {
    check(sqlite::sqlite3_bind_int64(statement_, at, value), SQLITE_OK);
    return *this;
  }
  /// `bytes` must live until reset().
  Statement& bind(int at, std::string_view bytes) {
    check(sqlite::sqlite3_bind_blob(statement_, at, bytes.data(), static_cast<int>(bytes.size()),
                                    SQLITE_STATIC),
          SQLITE_OK);
    return *this;
  }
  bool step() {
    const int code = sqlite::sqlite3_step(statement_);
    if (code != SQLITE_ROW) check(code, SQLITE_DONE);
    return code == SQLITE_ROW;
  }
  void reset() { sqlite::sqlite3_reset(statement_); }
  std::int64_t number(int column) { return sqlite::sqlite3_column_int64(statement_, column); }
  std::string_view bytes(int column) {
    const auto* data = static_cast<const char*>(sqlite::sqlite3_column_blob(statement_, column));
    return {data, static_cast<std::size_t>(sqlite::sqlite3_column_bytes(statement_, column))};
  }

 private:
  void check(int code, int wanted) const {
    if (code != wanted) throw soci::sqlite3_soci_error(sqlite::sqlite3_errmsg(connection_), code);
  }
  sqlite::sqlite3* connection_;
  sqlite::sqlite3_stmt* statement_ = nullptr;
};

void index_run(soci::session& sql, std::int64_t run) {
  const auto first = run * UsageIdIndex::kRunRows + 1;
  std::vector<Entry> entries;
  entries.reserve(static_cast<std::size_t>(UsageIdIndex::kRunRows) * 3);
  Statement rows(
      sql, "SELECT id, request_id, upstream_request_id, message_id FROM usage_logs WHERE id BETWEEN ? AND ?");
  rows.bind(1, first).bind(2, first + UsageIdIndex::kRunRows - 1);
  while (rows.step()) {
    const auto offset = static_cast<std::uint32_t>(rows.number(0) - first);
    for (const int column : {1, 2, 3}) {
      if (const auto id = rows.bytes(column); !id.empty()) entries.push_back({hash_of(id), offset});
    }
  }
  // So that last_indexed() sees a run whose rows have no ids, or were deleted.
  if (entries.empty()) entries.push_back({0, 0});
  std::sort(entries.begin(), entries.end());

  Statement insert(sql, "INSERT INTO usage_id_entries (id, entries) VALUES (?, ?)");
  std::string bytes;
  for (std::size_t begin = 0; begin < entries.size();) {
    auto end = std::min(begin + kEntriesPerRow, entries.size());
    while (end < entries.size() && entries[end].hash == entries[end - 1].hash) ++end;
    bytes.clear();
    for (auto i = begin; i < end; ++i) {
      put_number(bytes, entries[i].hash);
      put_number(bytes, entries[i].offset);
    }
    insert.bind(1, (run << 32) | entries[begin].hash).bind(2, std::string_view(bytes));
    (void)insert.step();
    insert.reset();
    begin = end;
  }
}

}  // namespace

std::int64_t UsageIdIndex::last_indexed(soci::session& sql) {
  Statement newest(sql, "SELECT id FROM usage_id_entries ORDER BY id DESC LIMIT 1");
  return newest.step() ? ((newest.number(0) >> 32) + 1) * kRunRows : 0;
}

void UsageIdIndex::index_full_runs(soci::session& sql, std::int64_t next_id) {
  for (auto indexed = last_indexed(sql); indexed + kRunRows < next_id; indexed += kRunRows) {
    index_run(sql, indexed / kRunRows);
  }
}

void UsageIdIndex::forget_runs_up_to(soci::session& sql, std::int64_t last_gone) {
  const auto runs = std::min(last_gone / kRunRows, last_indexed(sql) / kRunRows - 1);
  if (runs <= 0) return;
  Statement forget(sql, "DELETE FROM usage_id_entries WHERE id < ?");
  forget.bind(1, runs << 32);
  (void)forget.step();
}

std::vector<std::int64_t> UsageIdIndex::find(soci::session& sql, std::string_view id) {
  const auto hash = hash_of(id);
  std::vector<std::int64_t> found;
  Statement entries(sql,
                    "SELECT entries FROM usage_id_entries WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1");
  Statement oldest(sql, "SELECT id FROM usage_id_entries ORDER BY id LIMIT 1");
  const auto first_run = oldest.step() ? oldest.number(0) >> 32 : 0;
  for (auto run = last_indexed(sql) / kRunRows - 1; run >= first_run; --run) {
    entries.bind(1, run << 32).bind(2, (run << 32) | hash);
    if (entries.step()) {
      const auto bytes = entries.bytes(0);
      for (std::size_t at = bytes.size() / 8; at-- > 0;) {
        if (number_at(bytes, at * 8) == hash)
          found.push_back(run * kRunRows + 1 + number_at(bytes, at * 8 + 4));
      }
    }
    entries.reset();
  }
  return found;
}

}  // namespace relay
