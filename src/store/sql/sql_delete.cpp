#include "store/sql/sql_delete.h"

#include "store/sql/sql_statement.h"

#include <vector>

namespace relay {

std::int64_t delete_found(soci::session& sql, const std::string& table, const std::string& query,
                          WallTime before, int limit) {
  std::vector<std::string> ids;
  {
    std::string id;
    SqlStatement select(sql);
    select.into(id).use(before).use(limit).select(query);
    while (select.fetch()) ids.push_back(id);
  }
  for (const auto& id : ids) SqlStatement(sql).use(id).run("DELETE FROM " + table + " WHERE id = :id");
  return static_cast<std::int64_t>(ids.size());
}

}  // namespace relay
