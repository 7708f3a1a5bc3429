#include "store/sql/usage_shares.h"

#include "store/sql/sql_statement.h"
#include "store/sql/usage_roll_up.h"
#include "store/sql/usage_sums.h"

#include <algorithm>

namespace relay {
namespace {

constexpr int kSharesMax = 1'000;

// The column that names a share.
const char* name_of(UsageDimension by) {
  switch (by) {
    case UsageDimension::user:
      return "k.user_id";
    case UsageDimension::key:
      return "k.key_id";
    case UsageDimension::model:
      return "w.word";
  }
  return "k.user_id";
}

std::string sums() {
  return std::string("COALESCE(SUM(requests), 0), COALESCE(SUM(errors), 0), ") + kTokenSums;
}

constexpr const char* kFrom =
    " FROM usage_daily d JOIN usage_keys k ON k.id = d.key_number JOIN usage_words w ON w.id = d.model_word"
    " WHERE d.day >= :from AND d.day < :to";

void into(SqlStatement& select, UsageTotals& totals) {
  select.into(totals.requests).into(totals.errors);
  into_usage(select, totals.usage);
  select.into(totals.cost_nano_usd);
}

}  // namespace

Result<UsageShares> usage_shares(soci::session& sql, const UsageSharesQuery& query) {
  const auto from = epoch_ms(query.from) / kDayMs;
  const auto to = (epoch_ms(query.to) + kDayMs - 1) / kDayMs;
  const std::string whose = query.user_id ? " AND k.user_id = :user" : "";
  UsageShares out;
  UsageShare share;
  SqlStatement select(sql);
  select.into(share.name);
  into(select, share.totals);
  select.use(from).use(to);
  if (query.user_id) select.use(*query.user_id);
  select.use(std::clamp(query.limit, 1, kSharesMax));
  select.select(std::string("SELECT ") + name_of(query.by) + ", " + sums() + kFrom + whose +
                " GROUP BY 1 ORDER BY SUM(cost_nano_usd) DESC, 1 LIMIT :limit");
  while (select.fetch()) out.shares.push_back(share);

  // A second sum, since the shares may have been cut off. An aggregate without a row is null, so by user
  // first.
  UsageTotals part;
  SqlStatement all(sql);
  into(all, part);
  all.use(from).use(to);
  if (query.user_id) all.use(*query.user_id);
  all.select("SELECT " + sums() + kFrom + whose + " GROUP BY d.day");
  while (all.fetch()) add(out.totals, part);
  return out;
}

}  // namespace relay
