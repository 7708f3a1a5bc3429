#include "store/sql/usage_shares.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_statement.h"
#include "store/sql/usage_roll_up.h"
#include "store/sql/usage_sums.h"

#include <algorithm>

namespace relay {
namespace {

constexpr int kSharesMax = 1'000;
constexpr int kSharesSummed = 20'000;
constexpr std::int64_t kDaysByIndex = 5;

struct Days {
  std::int64_t first = 0;
  std::int64_t end = 0;
};

Days days_of(const UsageSharesQuery& query) {
  return {.first = epoch_ms(query.from) / kDayMs, .end = (epoch_ms(query.to) + kDayMs - 1) / kDayMs};
}

struct Naming {
  const char* name;      // as the reader sees it
  const char* group_by;  // what is summed together
  bool joins_keys = false;
};

// Grouped by number where there is one: 100,000 names are a temporary table on MariaDB's disk.
Naming naming_of(UsageDimension by) {
  switch (by) {
    case UsageDimension::user:
      return {.name = "k.user_id", .group_by = "k.user_id", .joins_keys = true};
    case UsageDimension::key:
      return {.name = "(SELECT n.key_id FROM usage_keys n WHERE n.id = d.key_number)",
              .group_by = "d.key_number"};
    case UsageDimension::model:
      break;
  }
  return {.name = "(SELECT w.word FROM usage_words w WHERE w.id = d.model_word)", .group_by = "d.model_word"};
}

// A table that is joined without need takes a second of millions of rows.
std::string sums(const UsageSharesQuery& query, const Dialect& dialect, bool joins_keys) {
  const Days days = days_of(query);
  std::string out = sums_of_days() + " AS cost";
  out += query.user_id ? " FROM usage_daily d" : roll_ups_between(days.first, days.end, dialect);
  if (joins_keys || query.user_id) out += " JOIN usage_keys k ON k.id = d.key_number";
  out += " WHERE d.day >= :from AND d.day < :to";
  if (query.user_id) out += " AND k.user_id = :user";
  return out;
}

void use(SqlStatement& select, const UsageSharesQuery& query) {
  const Days days = days_of(query);
  select.use(days.first).use(days.end);
  if (query.user_id) select.use(*query.user_id);
}

// The dearest, and the totals of as many as were read. Whether that was all.
bool read_shares(soci::session& sql, const Dialect& dialect, const UsageSharesQuery& query,
                 UsageShares& out) {
  const auto kept = static_cast<std::size_t>(std::clamp(query.limit, 1, kSharesMax));
  const Naming naming = naming_of(query.by);
  int read = 0;
  UsageShare share;
  SqlStatement select(sql);
  select.into(share.name);
  into_totals(select, share.totals);
  use(select, query);
  select.use(kSharesSummed);
  select.select(std::string("SELECT ") + naming.name + ", " + sums(query, dialect, naming.joins_keys) +
                " GROUP BY " + naming.group_by + " ORDER BY cost DESC, 1 LIMIT :limit");
  for (; select.fetch(); ++read) {
    out.totals.add(share.totals);
    if (out.shares.size() < kept) out.shares.push_back(share);
  }
  return read < kSharesSummed;
}

UsageTotals sum_of_all(soci::session& sql, const Dialect& dialect, const UsageSharesQuery& query) {
  UsageTotals out;
  SqlStatement select(sql);
  into_totals(select, out);
  use(select, query);
  select.select("SELECT " + sums(query, dialect, false) + " HAVING COUNT(*) > 0");  // sums of no row are null
  select.fetch();
  return out;
}

}  // namespace

std::string roll_ups_between(std::int64_t first_day, std::int64_t end_day, const Dialect& dialect) {
  return std::string(" FROM usage_daily d") +
         (end_day - first_day > kDaysByIndex ? dialect.read_in_full() : "");
}

Result<UsageShares> usage_shares(soci::session& sql, const Dialect& dialect, const UsageSharesQuery& query) {
  UsageShares out;
  if (!read_shares(sql, dialect, query, out)) out.totals = sum_of_all(sql, dialect, query);
  return out;
}

}  // namespace relay
