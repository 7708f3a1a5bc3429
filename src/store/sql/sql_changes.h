// An UPDATE of the named fields only.
#pragma once

#include "store/sql/sql_statement.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// Collects "column = :column" and its value for every field that is set.
class SqlChanges {
 public:
  template <class T>
  void set(std::string_view column, T value) {
    if (!assignments_.empty()) assignments_ += ", ";
    assignments_.append(column).append(" = :").append(column);
    binds_.push_back([value = std::move(value)](SqlStatement& statement) { statement.use(value); });
  }
  template <class T>
  void set_if(std::string_view column, const std::optional<T>& value) {
    if (value) set(column, *value);
  }

  const std::string& assignments() const { return assignments_; }
  void bind(SqlStatement& statement) const {
    for (const auto& bind : binds_) bind(statement);
  }

 private:
  std::string assignments_;
  std::vector<std::function<void(SqlStatement&)>> binds_;
};

}  // namespace relay
