#include "store/sql/usage_shares.h"

#include "store/sql/sql_statement.h"
#include "store/sql/usage_roll_up.h"
#include "store/sql/usage_sums.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace relay {
namespace {

constexpr int kSharesMax = 1'000;

// What UsageTotals is read from, in the order of into().
constexpr auto kColumns = std::to_array<std::string_view>(
    {"requests", "errors", "input_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens",
     "cache_read_tokens", "output_tokens", "reasoning_tokens", "web_search_requests", "web_fetch_requests",
     "cost_nano_usd"});

// Each column between these words.
std::string columns(std::string_view before, std::string_view behind, bool named = false) {
  std::string text;
  for (const auto column : kColumns) {
    text.append(text.empty() ? "" : ", ").append(before).append(column).append(behind);
    if (named) text.append(" AS ").append(column);
  }
  return text;
}

// How a share is named: by a column of the roll-up, and the table that has the word for its number.
struct Named {
  const char* number;
  const char* word;
  const char* join;
};

Named named(UsageDimension by) {
  switch (by) {
    case UsageDimension::key:
      return {"key_number", "k.key_id", "usage_keys k ON k.id = d.key_number"};
    case UsageDimension::model:
      return {"model_word", "w.word", "usage_words w ON w.id = d.model_word"};
    case UsageDimension::user:
      break;
  }
  return {"key_number", "k.user_id", "usage_keys k ON k.id = d.key_number"};
}

// The days are summed by number first, in the order in which they lie, and words are put to what is left; the
// sum of all shares comes with each, so that what the limit cuts off is in it.
std::string statement(const Named& name, bool of_one_user) {
  return std::string("SELECT ") + name.word + ", " + columns("SUM(", ")") + ", " +
         columns("SUM(SUM(", ")) OVER ()") + " FROM (SELECT " + name.number + ", " +
         columns("SUM(", ")", true) + " FROM usage_daily WHERE day >= :from AND day < :to" +
         (of_one_user ? " AND key_number IN (SELECT id FROM usage_keys WHERE user_id = :user)" : "") +
         " GROUP BY " + name.number + ") d JOIN " + name.join +
         " GROUP BY 1 ORDER BY SUM(cost_nano_usd) DESC, 1 LIMIT :limit";
}

void into(SqlStatement& select, UsageTotals& totals) {
  select.into(totals.requests).into(totals.errors);
  into_usage(select, totals.usage);
  select.into(totals.cost_nano_usd);
}

}  // namespace

Result<UsageShares> usage_shares(soci::session& sql, const UsageSharesQuery& query) {
  const auto from = epoch_ms(query.from) / kDayMs;
  const auto to = (epoch_ms(query.to) + kDayMs - 1) / kDayMs;
  UsageShares out;
  UsageShare share;
  SqlStatement select(sql);
  select.into(share.name);
  into(select, share.totals);
  into(select, out.totals);
  select.use(from).use(to);
  if (query.user_id) select.use(*query.user_id);
  select.use(std::clamp(query.limit, 1, kSharesMax));
  select.select(statement(named(query.by), query.user_id.has_value()));
  while (select.fetch()) out.shares.push_back(share);
  return out;
}

}  // namespace relay
