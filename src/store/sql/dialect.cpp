#include "store/sql/dialect.h"

#include "store/sql/mysql_dialect.h"
#include "store/sql/sqlite_dialect.h"

#include <soci/soci.h>

namespace relay {

std::optional<Violation> violation_of(const soci::soci_error& error) {
  if (auto violation = mysql_violation_of(error)) return violation;
  return sqlite_violation_of(error);
}

std::string Dialect::on_duplicate_replace(std::string_view key,
                                          const std::vector<std::string_view>& columns) const {
  std::string assignments;
  for (const auto column : columns) {
    if (!assignments.empty()) assignments += ", ";
    assignments.append(column).append(" = ").append(inserted(column));
  }
  return on_duplicate_set(key, assignments);
}

std::string like_pattern(std::string_view part) { return "%" + like_beginning(part); }

std::string like_beginning(std::string_view part) {
  std::string out;
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '!') out += '!';
    out += c;
  }
  return out + "%";
}

}  // namespace relay
