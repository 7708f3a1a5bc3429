#include "store/redis/redis_row_store.h"

#include "store/redis/redis_database.h"
#include "store/redis/redis_row.h"
#include "store/redis/usage_reader.h"

#include <algorithm>
#include <functional>

namespace relay {
namespace {

constexpr int kPieceMax = 200;  // rows that a script reads or writes at once
constexpr char kBetween = '\x1f';

const RedisScript& row_script() {
  static const RedisScript script = store_script("row_store.lua");
  return script;
}

Result<Row> to_row(const RowTable& table, const RedisReply& reply) {
  Row row;
  RedisRow stored(reply);
  for (const auto column : table.columns) stored.into(column, row.emplace_back());
  CHECK(stored.check());
  return row;
}

RedisFields to_fields(const RowTable& table, Row row) {
  RedisFields fields;
  for (std::size_t i = 0; i < row.size(); ++i) fields.set(table.columns[i], row[i]);
  return fields;
}

}  // namespace

Task<RowPage> RedisRowStore::read(const RowTable& table, std::string place, int limit) {
  const auto between = place.find(kBetween);
  auto score = place.empty() ? std::string("-1") : place.substr(0, between);
  auto member = place.empty() ? std::string() : place.substr(between + 1);
  RedisWords words("read");
  words.add(table.name).add(std::move(score)).add(std::move(member)).add(std::min(limit, kPieceMax));
  CO_TRY(const auto reply, co_await database_.run(row_script(), std::move(words)));
  if (reply.items.empty()) co_return broken_store("rows");
  RowPage page;
  for (const auto& item : reply.items[0].items) {
    CO_TRY(auto row, to_row(table, item));
    page.rows.push_back(std::move(row));
  }
  if (reply.items.size() == 3) page.place = reply.items[1].text + kBetween + reply.items[2].text;
  co_return page;
}

Task<> RedisRowStore::put(const RowTable& table, std::vector<Row> rows) {
  for (std::size_t begin = 0; begin < rows.size(); begin += kPieceMax) {
    const auto end = std::min(begin + kPieceMax, rows.size());
    RedisWords words("put");
    words.add(table.name).add(static_cast<std::int64_t>(end - begin));
    for (auto i = begin; i < end; ++i) words.add(to_fields(table, std::move(rows[i])));
    CO_CHECK(co_await database_.run(row_script(), std::move(words)));
  }
  co_return ok;
}

Task<std::vector<TableSize>> RedisRowStore::sizes() {
  std::vector<std::string> names;
  for (const auto& table : row_tables()) names.emplace_back(table.name);
  RedisWords words("count");
  words.add(names);
  CO_TRY(const auto reply, co_await database_.run(row_script(), std::move(words)));
  if (reply.items.size() != names.size()) co_return broken_store("counts");
  std::vector<TableSize> sizes;
  for (std::size_t i = 0; i < names.size(); ++i) {
    sizes.push_back({.table = std::move(names[i]), .rows = reply.items[i].number});
  }
  CO_TRY(const auto usage, co_await count_usage_rows(database_));
  sizes.push_back({.table = std::string(kUsageTables[0]), .rows = usage.logs});
  sizes.push_back({.table = std::string(kUsageTables[1]), .rows = usage.days});
  std::ranges::stable_sort(sizes, std::ranges::greater(), &TableSize::rows);
  co_return sizes;
}

Task<> RedisRowStore::clear(const RowTable& table) {
  for (bool more = true; more;) {
    RedisWords words("clear");
    words.add(table.name).add(kPieceMax);
    CO_TRY(const auto reply, co_await database_.run(row_script(), std::move(words)));
    more = reply.number == kPieceMax;
  }
  co_return ok;
}

}  // namespace relay
