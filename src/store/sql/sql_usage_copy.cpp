// Copies of usage: what SqlUsageStore reads and takes whole.
#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"
#include "store/sql/sql_usage_store.h"
#include "store/sql/usage_account_days.h"
#include "store/sql/usage_report.h"
#include "store/sql/usage_rows.h"
#include "store/sql/usage_sums.h"

#include <charconv>
#include <sstream>

namespace relay {
namespace {

Error bad_place() {
  return Error(ErrorKind::internal, "store_failed", "Internal error").because("a place that is not ours");
}

/// A line's key in the table, in its order.
struct DayPlace {
  std::int64_t key = -1, day = 0, model = 0, dialect = 0;
  std::string text() const {
    return std::to_string(key) + " " + std::to_string(day) + " " + std::to_string(model) + " " +
           std::to_string(dialect);
  }
};

Result<DayPlace> parse_day_place(const std::string& text) {
  DayPlace place;
  if (text.empty()) return place;
  std::istringstream in(text);
  if (!(in >> place.key >> place.day >> place.model >> place.dialect)) return bad_place();
  return place;
}

std::string each_sum(const std::string& before) {
  std::string text;
  for (const auto& column : usage_sum_columns()) text += before + column;
  return text;
}

}  // namespace

Task<UsageRecordPage> SqlUsageStore::read_records(std::string place, int limit) {
  return database_.read([place = std::move(place), limit](soci::session& sql) -> Result<UsageRecordPage> {
    std::int64_t after = 0;
    const auto end = place.data() + place.size();
    if (!place.empty() && std::from_chars(place.data(), end, after).ptr != end) return bad_place();
    UsageRecordPage page;
    TRY(page.records, usage_records_behind(sql, after, limit));
    if (page.records.size() == static_cast<std::size_t>(limit)) page.place = std::to_string(after);
    return page;
  });
}

Task<UsageDayPage> SqlUsageStore::read_days(std::string place, int limit) {
  return database_.read([place = std::move(place), limit](soci::session& sql) -> Result<UsageDayPage> {
    TRY(auto at, parse_day_place(place));
    UsageDay line;
    SqlStatement select(sql);
    select.into(at.key).into(at.day).into(at.model).into(at.dialect);
    select.into(line.user_id).into(line.key_id).into(line.model);
    into_totals(select, line.totals);
    select.use(at.key).use(at.key).use(at.key).use(at.day).use(at.day).use(at.model).use(at.model);
    select.use(at.dialect).use(limit);
    select.select(
        "SELECT d.key_number, d.day, d.model_word, d.dialect, k.user_id, k.key_id, m.word" +
        each_sum(", d.") +
        " FROM usage_daily d JOIN usage_keys k ON k.id = d.key_number JOIN usage_words m ON m.id = "
        "d.model_word"
        " WHERE d.key_number >= :k0 AND (d.key_number > :k1 OR (d.key_number = :k2 AND (d.day > :d1 OR "
        "(d.day = :d2"
        " AND (d.model_word > :m1 OR (d.model_word = :m2 AND d.dialect > :t1))))))"
        " ORDER BY d.key_number, d.day, d.model_word, d.dialect LIMIT :limit");
    UsageDayPage page;
    while (select.fetch()) {
      line.day = at.day;
      line.dialect = static_cast<WireDialect>(at.dialect);
      page.days.push_back(line);
    }
    if (page.days.size() == static_cast<std::size_t>(limit)) page.place = at.text();
    return page;
  });
}

Task<> SqlUsageStore::restore_records(std::vector<UsageRecord> records) {
  UsageWordNumbers numbers;
  std::vector<UsageRecordView> views;
  views.reserve(records.size());
  for (const auto& record : records) views.push_back(usage_record_as<UsageRecordView>(record));
  auto work = [this, &numbers, &views](soci::session& sql) -> Result<> {
    UsageWordsInTransaction words(words_, sql, database_.dialect());
    std::vector<const UsageRecordView*> wanted;
    wanted.reserve(views.size());
    for (const auto& view : views) wanted.push_back(&view);
    UsageAccountDays account_days;
    for (const auto& row : insert_records(sql, words, wanted)) account_days.add(row);
    account_days.store(sql, database_.dialect());
    numbers = words.numbers();
    return ok;
  };
  CO_CHECK(co_await database_.write(std::move(work)));
  words_.keep(numbers);
  co_return ok;
}

Task<> SqlUsageStore::restore_days(std::vector<UsageDay> days) {
  UsageWordNumbers numbers;
  auto work = [this, &numbers, &days](soci::session& sql) -> Result<> {
    const auto& dialect = database_.dialect();
    const std::vector<std::string_view> replaced(usage_sum_columns().begin(), usage_sum_columns().end());
    const auto text = "INSERT INTO usage_daily (key_number, day, model_word, dialect" + each_sum(", ") +
                      ") VALUES (:key, :day, :model, :dialect" + each_sum(", :") + ")" +
                      dialect.on_duplicate_replace("key_number, day, model_word, dialect", replaced);
    UsageWordsInTransaction words(words_, sql, dialect);
    for (const auto& line : days) {
      SqlStatement insert(sql);
      insert.use(words.key_number(line.user_id, line.key_id)).use(line.day);
      insert.use(words.number_of(line.model)).use(static_cast<std::int64_t>(line.dialect));
      use_totals(insert, line.totals);
      insert.run(text);
    }
    numbers = words.numbers();
    return ok;
  };
  CO_CHECK(co_await database_.write(std::move(work)));
  words_.keep(numbers);
  co_return ok;
}

}  // namespace relay
