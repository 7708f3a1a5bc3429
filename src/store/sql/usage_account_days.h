// What calls cost at each account at the providers, by days: usage_account_days.
#pragma once

#include "domain/money.h"
#include "domain/usage_record.h"
#include "store/sql/usage_rows.h"

#include <cstdint>
#include <map>
#include <utility>

namespace soci {
class session;
}

namespace relay {

class Dialect;

/// Sums of one transaction. Every node adds to the same few lines: to be stored last, so that no other
/// transaction waits for their locks longer than a commit takes.
class UsageAccountDays {
 public:
  void add(const UsageRow& row);
  /// `account` is the number of its word; the cost may be a difference below 0.
  void add(std::int64_t day, std::int64_t account, NanoUsd cost_nano_usd);

  /// Adds the sums to the table. Throws soci_error.
  void store(soci::session& sql, const Dialect& dialect) const;

 private:
  std::map<std::pair<std::int64_t, std::int64_t>, NanoUsd> costs_;  // in the order of locks
};

}  // namespace relay
