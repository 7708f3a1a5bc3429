#include "store/sql/sql_row_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

#include <soci/soci.h>

#include <algorithm>
#include <functional>

namespace relay {
namespace {

// Between the parts of a key in a place: no id of ours has it.
constexpr char kBetween = '\x1f';

std::string joined(std::span<const std::string_view> names, std::string_view between) {
  std::string out;
  for (const auto name : names) {
    if (!out.empty()) out += between;
    out += name;
  }
  return out;
}

std::vector<std::string> parts_of(const std::string& place) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0;;) {
    const auto end = place.find(kBetween, begin);
    parts.push_back(place.substr(begin, end - begin));
    if (end == std::string::npos) return parts;
    begin = end + 1;
  }
}

std::string place_of(const RowTable& table, const Row& row) {
  std::string place;
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    if (i > 0) place += kBetween;
    place += row[i].value_or("");
  }
  return place;
}

/// "(a, b) > (:a, :b)" written out, since MySQL finds no range in the short form:
/// "a >= :a AND (a > :a OR (a = :a AND (b > :b)))". The values follow in that order.
std::string behind(const RowTable& table, const std::vector<std::string>& place, SqlStatement& select) {
  const auto key = table.key();
  std::string text(key[0]);
  text += " >= :first AND ";
  select.use(place[0]);
  for (std::size_t i = 0; i < key.size(); ++i) {
    const std::string column(key[i]);
    text += "(" + column + " > :behind" + std::to_string(i);
    select.use(place[i]);
    if (i + 1 == key.size()) break;
    text += " OR (" + column + " = :at" + std::to_string(i) + " AND ";
    select.use(place[i]);
  }
  return text + std::string(2 * key.size() - 1, ')');
}

std::string insert_text(const RowTable& table) {
  return "INSERT INTO " + std::string(table.name) + " (" + joined(table.columns, ", ") +
         ") VALUES (:" + joined(table.columns, ", :") + ")";
}

std::string update_text(const RowTable& table) {
  const auto each = [](std::span<const std::string_view> columns, std::string_view between) {
    std::string out;
    for (const auto column : columns) {
      if (!out.empty()) out += between;
      out.append(column).append(" = :").append(column);
    }
    return out;
  };
  return "UPDATE " + std::string(table.name) + " SET " + each(table.others(), ", ") + " WHERE " +
         each(table.key(), " AND ");
}

void insert_row(soci::session& sql, const std::string& text, const Row& row) {
  SqlStatement insert(sql);
  for (const auto& value : row) insert.use(value);
  insert.run(text);
}

// MySQL looks at the primary key first, and names no table with it.
bool is_of_primary_key(const soci::soci_error& error) {
  const auto violation = violation_of(error);
  return violation && violation->kind == ViolationKind::unique && violation->index.empty();
}

/// For a dialect that does not replace by the key alone: any other duplicate goes on as the driver's error.
void put_row(soci::session& sql, const RowTable& table, const Row& row) {
  try {
    insert_row(sql, insert_text(table), row);
  } catch (const soci::soci_error& error) {
    if (!is_of_primary_key(error)) throw;
    SqlStatement update(sql);
    for (auto i = table.key_columns; i < row.size(); ++i) update.use(row[i]);
    for (std::size_t i = 0; i < table.key_columns; ++i) update.use(row[i]);
    update.run(update_text(table));
  }
}

}  // namespace

Task<RowPage> SqlRowStore::read(const RowTable& table, std::string place, int limit) {
  return database_.read([&table, place = std::move(place), limit](soci::session& sql) -> Result<RowPage> {
    const auto parts = parts_of(place);
    if (!place.empty() && parts.size() != table.key_columns) {
      return Error(ErrorKind::internal, "store_failed", "Internal error").because("a place that is not ours");
    }
    Row row(table.columns.size());
    SqlStatement select(sql);
    for (auto& value : row) select.into(value);
    auto text = "SELECT " + joined(table.columns, ", ") + " FROM " + std::string(table.name);
    if (!place.empty()) text += " WHERE " + behind(table, parts, select);
    select.use(limit).select(text + " ORDER BY " + joined(table.key(), ", ") + " LIMIT :limit");
    RowPage page;
    while (select.fetch()) page.rows.push_back(row);
    if (page.rows.size() == static_cast<std::size_t>(limit)) page.place = place_of(table, page.rows.back());
    return page;
  });
}

Task<> SqlRowStore::put(const RowTable& table, std::vector<Row> rows) {
  return database_.write([&table, rows = std::move(rows),
                          &dialect = database_.dialect()](soci::session& sql) -> Result<> {
    if (!dialect.replaces_by_key_alone()) {
      for (const auto& row : rows) put_row(sql, table, row);
      return ok;
    }
    const auto others = table.others();
    const auto text = insert_text(table) +
                      dialect.on_duplicate_replace(joined(table.key(), ", "), {others.begin(), others.end()});
    for (const auto& row : rows) insert_row(sql, text, row);
    return ok;
  });
}

Task<std::vector<TableSize>> SqlRowStore::sizes() {
  return database_.read(
      [&dialect = database_.dialect()](soci::session& sql) -> Result<std::vector<TableSize>> {
        std::vector<TableSize> sizes;
        for (const auto& table : row_tables()) sizes.push_back({.table = std::string(table.name)});
        for (const auto name : kUsageTables) sizes.push_back({.table = std::string(name)});
        {
          std::string name;
          std::optional<std::int64_t> rows;
          std::optional<std::int64_t> bytes;
          SqlStatement select(sql);
          select.into(name).into(rows).into(bytes).select(dialect.sizes_of_tables());
          while (select.fetch()) {
            const auto size = std::ranges::find(sizes, name, &TableSize::table);
            if (size == sizes.end()) continue;
            size->bytes = bytes;
            size->rows = rows.value_or(0);
            size->estimated = rows.has_value();
          }
        }
        for (auto& size : sizes) {
          if (size.estimated) continue;
          SqlStatement select(sql);
          select.into(size.rows).select("SELECT COUNT(*) FROM " + size.table);
          static_cast<void>(select.fetch());
        }
        std::ranges::stable_sort(sizes, std::ranges::greater(), &TableSize::bytes);
        return sizes;
      });
}

Task<> SqlRowStore::clear(const RowTable& table) {
  return database_.write([&table](soci::session& sql) -> Result<> {
    SqlStatement(sql).run("DELETE FROM " + std::string(table.name));
    return ok;
  });
}

}  // namespace relay
