// Costs that are put right later: what SqlUsageStore reads for it, and changes.
#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"
#include "store/sql/sql_usage_store.h"
#include "store/sql/usage_account_days.h"
#include "store/sql/usage_report.h"
#include "store/sql/usage_roll_up.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace relay {
namespace {

// A statement names its rows twice and looks through as many for each: more at once is slower.
constexpr std::size_t kChangedAtOnce = 100;

using DayLine = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>;  // of usage_daily's key
struct DayDifference {
  NanoUsd cost_nano_usd = 0;
  std::int64_t newly_priced = 0;
};
using DayDifferences = std::map<DayLine, DayDifference>;  // in the order of locks

struct CostOfRow {
  std::int64_t id = 0;
  NanoUsd cost_nano_usd = 0;
};

class CostChanging {
 public:
  CostChanging(soci::session& sql, const Dialect& dialect) : sql_(sql), dialect_(dialect) {}

  /// Those whose row is as it was read.
  std::int64_t change(std::span<const CostChange> changes) {
    const auto [first, last] = std::ranges::minmax(
        changes | std::views::transform([](const CostChange& each) { return each.record.started_at; }));
    const auto rows = rows_to_change(changes, first, last);
    if (rows.empty()) return 0;
    std::string cases;
    SqlStatement update(sql_);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      update.use(rows[i].id).use(rows[i].cost_nano_usd);
      cases += " WHEN :row" + std::to_string(i) + " THEN :cost" + std::to_string(i);
    }
    const auto unpriced = std::to_string(kRowUnpriced);
    update.use(first).use(last);  // the months in which they lie
    const auto marks = update.use_each(rows | std::views::transform(&CostOfRow::id));
    // The charge's null is "as the cost". MySQL sets from left to right: it comes before the cost.
    update.run(
        "UPDATE usage_logs SET charge_nano_usd = COALESCE(charge_nano_usd, cost_nano_usd), cost_nano_usd = "
        "CASE id" +
        cases + " END, flags = flags - (flags & " + unpriced +
        ") WHERE started_at_ms BETWEEN :first AND :last AND id IN (" + marks + ")");
    return std::ssize(rows);
  }

  void add_to_days() {
    for (const auto& [line, difference] : days_) {
      const auto& [key, day, model, dialect] = line;
      SqlStatement update(sql_);
      update.use(difference.cost_nano_usd).use(difference.newly_priced).use(difference.newly_priced);
      update.use(key).use(day).use(model).use(dialect);
      // Not below none: days from before there was this sum have not counted them.
      update.run(
          "UPDATE usage_daily SET cost_nano_usd = cost_nano_usd + :difference, unpriced_requests = CASE WHEN"
          " unpriced_requests > :priced THEN unpriced_requests - :priced2 ELSE 0 END WHERE key_number = :key"
          " AND day = :day AND model_word = :model AND dialect = :dialect");
    }
    account_days_.store(sql_, dialect_);
  }

 private:
  std::vector<CostOfRow> rows_to_change(std::span<const CostChange> changes, WallTime first, WallTime last) {
    std::unordered_map<std::string_view, const CostChange*> by_attempt;
    for (const auto& each : changes) by_attempt.emplace(each.record.attempt_id, &each);
    std::string attempt;
    std::int64_t id = 0, key = 0, account = 0, model = 0, dialect = 0, started_at_ms = 0, flags = 0;
    NanoUsd cost = 0;
    std::vector<CostOfRow> rows;
    SqlStatement select(sql_);
    select.into(id).into(attempt).into(key).into(account).into(model).into(dialect).into(started_at_ms);
    select.into(flags).into(cost).use(first).use(last);
    const auto marks = select.use_each(by_attempt | std::views::keys);
    select.select(
        "SELECT id, attempt_id, key_number, account_word, model_word, dialect, started_at_ms, flags, "
        "cost_nano_usd"
        " FROM usage_logs WHERE started_at_ms BETWEEN :first AND :last AND attempt_id IN (" +
        marks + ")" + dialect_.for_update());
    while (select.fetch()) {
      const auto found = by_attempt.find(attempt);
      if (found == by_attempt.end()) continue;
      const auto& [record, cost_from_now_on] = *found->second;
      if (cost != record.cost_nano_usd || ((flags & kRowUnpriced) == 0) != record.priced) continue;
      rows.push_back({.id = id, .cost_nano_usd = cost_from_now_on});
      auto& day = days_[{key, started_at_ms / kDayMs, model, dialect}];
      day.cost_nano_usd += cost_from_now_on - cost;
      day.newly_priced += record.priced ? 0 : 1;
      account_days_.add(started_at_ms / kDayMs, account, cost_from_now_on - cost);
    }
    return rows;
  }

  soci::session& sql_;
  const Dialect& dialect_;
  DayDifferences days_;
  UsageAccountDays account_days_;
};

}  // namespace

Result<std::vector<std::int64_t>> parse_usage_place(const std::string& place, std::size_t numbers) {
  std::vector<std::int64_t> out;
  const char* at = place.data();
  const char* const end = at + place.size();
  while (out.size() < numbers) {
    if (!out.empty() && at != end && *at == ' ') ++at;
    const auto [behind, failure] = std::from_chars(at, end, out.emplace_back());
    if (failure != std::errc()) break;
    at = behind;
  }
  if (at == end && out.size() == numbers) return out;
  return Error(ErrorKind::internal, "store_failed", "Internal error").because("a place that is not ours");
}

Task<UsageRecordPage> SqlUsageStore::read_records_between(WallTime from, WallTime to, std::string place,
                                                          int limit) {
  return database_.read(
      [this, from, to, place = std::move(place), limit](soci::session& sql) -> Result<UsageRecordPage> {
        UsageRecordPage page{.place = place};
        TRY(const auto ids,
            table_->find_between(sql, epoch_ms(from), epoch_ms(to), page.place, std::max(limit, 1)));
        TRY(page.records, usage_records_of(sql, ids));
        return page;
      });
}

Task<std::int64_t> SqlUsageStore::change_costs(std::vector<CostChange> changes) {
  return database_.write([this, changes = std::move(changes)](soci::session& sql) -> Result<std::int64_t> {
    CostChanging changing(sql, database_.dialect());
    std::int64_t changed = 0;
    for (std::span<const CostChange> rest(changes); !rest.empty();) {
      const auto piece = rest.first(std::min(kChangedAtOnce, rest.size()));
      changed += changing.change(piece);
      rest = rest.subspan(piece.size());
    }
    changing.add_to_days();
    return changed;
  });
}

}  // namespace relay
