#include "store/sql/usage_shares.h"

#include "store/sql/sql_statement.h"
#include "store/sql/usage_roll_up.h"
#include "store/sql/usage_sums.h"

#include <algorithm>

namespace relay {
namespace {

constexpr int kSharesMax = 1'000;

struct Naming {
  const char* name;      // as the reader sees it
  const char* group_by;  // what is summed together
  bool by_key = false;   // usage_keys has it
};

Naming naming_of(UsageDimension by) {
  switch (by) {
    case UsageDimension::user:
      return {.name = "k.user_id", .group_by = "k.user_id", .by_key = true};
    case UsageDimension::key:
      return {.name = "k.key_id", .group_by = "k.key_id", .by_key = true};
    case UsageDimension::model:
      break;
  }
  return {.name = "(SELECT w.word FROM usage_words w WHERE w.id = d.model_word)", .group_by = "d.model_word"};
}

// Everybody's roll-up is millions of rows: a table that is joined without need takes a second of them.
std::string sums(bool with_keys, bool of_one_user) {
  std::string out =
      std::string("SUM(d.requests), SUM(d.errors), ") + kTokenSums + " AS cost_nano_usd_sum FROM usage_daily d";
  if (with_keys || of_one_user) out += " JOIN usage_keys k ON k.id = d.key_number";
  out += " WHERE d.day >= :from AND d.day < :to";
  if (of_one_user) out += " AND k.user_id = :user";
  return out;
}

void into(SqlStatement& select, UsageTotals& totals) {
  select.into(totals.requests).into(totals.errors);
  into_usage(select, totals.usage);
  select.into(totals.cost_nano_usd);
}

void use(SqlStatement& select, const UsageSharesQuery& query) {
  select.use(epoch_ms(query.from) / kDayMs).use((epoch_ms(query.to) + kDayMs - 1) / kDayMs);
  if (query.user_id) select.use(*query.user_id);
}

std::vector<UsageShare> list_dearest(soci::session& sql, const UsageSharesQuery& query, int limit) {
  const Naming naming = naming_of(query.by);
  std::vector<UsageShare> out;
  UsageShare share;
  SqlStatement select(sql);
  select.into(share.name);
  into(select, share.totals);
  use(select, query);
  select.use(limit);
  select.select(std::string("SELECT ") + naming.name + ", " + sums(naming.by_key, query.user_id.has_value()) +
                " GROUP BY " + naming.group_by + " ORDER BY cost_nano_usd_sum DESC, 1 LIMIT :limit");
  while (select.fetch()) out.push_back(share);
  return out;
}

// By day, since an aggregate of no row at all is null.
UsageTotals sum_of_all(soci::session& sql, const UsageSharesQuery& query) {
  UsageTotals out, part;
  SqlStatement select(sql);
  into(select, part);
  use(select, query);
  select.select("SELECT " + sums(false, query.user_id.has_value()) + " GROUP BY d.day");
  while (select.fetch()) add(out, part);
  return out;
}

}  // namespace

Result<UsageShares> usage_shares(soci::session& sql, const UsageSharesQuery& query) {
  const int limit = std::clamp(query.limit, 1, kSharesMax);
  UsageShares out;
  out.shares = list_dearest(sql, query, limit);
  if (static_cast<int>(out.shares.size()) == limit) {
    out.totals = sum_of_all(sql, query);
  } else {
    for (const auto& share : out.shares) add(out.totals, share.totals);
  }
  return out;
}

}  // namespace relay
