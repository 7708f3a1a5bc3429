// The tables whose rows a copy carries from one store to another, as every store has them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// Every store has the same columns by the same names. Usage is not among them: names and keys have numbers
/// there that are each store's own (UsageStore::read_records). Leases of jobs are not worth carrying.
struct RowTable {
  std::string_view name;
  std::vector<std::string_view> columns;  // those of the key first
  std::size_t key_columns = 1;
  bool seeded = false;  // a new store has rows in it

  std::span<const std::string_view> key() const { return {columns.data(), key_columns}; }
  std::span<const std::string_view> others() const { return std::span(columns).subspan(key_columns); }
};

/// Whatever a row refers to is in a table before its own.
std::span<const RowTable> row_tables();

inline constexpr std::string_view kUsageTables[] = {"usage_logs", "usage_daily"};

/// The values in the order of RowTable::columns, numbers in decimal; nothing: null.
using Row = std::vector<std::optional<std::string>>;

}  // namespace relay
