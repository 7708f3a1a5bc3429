#include "store/sql/usage_roll_up.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_statement.h"
#include "store/sql/usage_sums.h"

#include <soci/soci.h>

#include <algorithm>
#include <map>
#include <vector>

namespace relay {
namespace {

// Before 1970 no call was made: rounding towards zero will do.
std::int64_t day_of(WallTime time) { return epoch_ms(time) / kDayMs; }

// Every node locks rows in one order: then none waits for another that waits for it.
template <class Map>
std::vector<const typename Map::value_type*> sorted(const Map& map) {
  std::vector<const typename Map::value_type*> parts;
  parts.reserve(map.size());
  for (const auto& part : map) parts.push_back(&part);
  std::sort(parts.begin(), parts.end(),
            [](const auto* left, const auto* right) { return left->first < right->first; });
  return parts;
}

}  // namespace

std::size_t UsageRollUp::DayKeyHash::operator()(const DayKey& key) const {
  auto mixed = static_cast<std::uint64_t>(key.key);
  for (const auto part : {key.day, key.model, key.dialect}) {
    mixed = (mixed ^ static_cast<std::uint64_t>(part)) * 0x9E3779B97F4A7C15U;
    mixed ^= mixed >> 32;
  }
  return mixed;
}

void UsageRollUp::add(const UsageRow& row) {
  const auto& record = *row.record;
  const DayKey key{.key = row.key,
                   .day = day_of(record.started_at),
                   .model = row.model,
                   .dialect = static_cast<std::int64_t>(record.dialect)};
  if (last_day_ == nullptr || key != last_day_key_) {
    last_day_ = &days_[key];  // stays where it is when the map grows
    last_day_key_ = key;
  }
  last_day_->add(UsageTotals::of(record));

  if (last_key_sum_ == nullptr || row.key != last_key_) {
    last_key_sum_ = &keys_[row.key];
    last_key_ = row.key;
  }
  auto& sum = *last_key_sum_;
  if (sum.newest == nullptr || record.started_at >= sum.newest->started_at) sum.newest = &record;
  sum.requests += 1;
  sum.tokens += record.billed_usage().total_tokens();
  sum.cost_nano_usd += record.charge_nano_usd;
}

void UsageRollUp::store(soci::session& sql, const Dialect& dialect) const {
  const std::string insert_day = [&] {
    std::string columns = "key_number, day, model_word, dialect";
    std::string values = ":key, :day, :model, :dialect";
    std::string added;
    for (const auto& column : usage_sum_columns()) {
      columns += ", " + column;
      values += ", :" + column;
      added += (added.empty() ? "" : ", ") + column + " = usage_daily." + column + " + " +
               dialect.inserted(column);
    }
    return "INSERT INTO usage_daily (" + columns + ") VALUES (" + values + ")" +
           dialect.on_duplicate_set("key_number, day, model_word, dialect", added);
  }();
  for (const auto* day : sorted(days_)) {
    const auto& [key, totals] = *day;
    SqlStatement insert(sql);
    insert.use(key.key).use(key.day).use(key.model).use(key.dialect);
    use_totals(insert, totals);
    insert.run(insert_day);
  }
  std::map<std::string_view, KeySum> users;
  for (const auto* found : sorted(keys_)) {
    const auto& sum = found->second;
    const auto& newest = *sum.newest;
    auto& of_user = users[newest.user_id];
    of_user.requests += sum.requests;
    of_user.tokens += sum.tokens;
    of_user.cost_nano_usd += sum.cost_nano_usd;
    SqlStatement key(sql);
    key.use(sum.requests).use(sum.tokens).use(sum.cost_nano_usd);
    key.use(newest.started_at).use(newest.client_address).use(newest.started_at).use(newest.started_at);
    key.use(newest.key_id);
    // SET reads the row as it was before, in MySQL from left to right: the address comes before the time.
    key.run(
        "UPDATE api_keys SET usage_requests = usage_requests + :requests, usage_tokens = usage_tokens + "
        ":tokens,"
        " usage_cost_nano_usd = usage_cost_nano_usd + :cost,"
        " last_used_address = CASE WHEN :at >= COALESCE(last_used_at_ms, 0) THEN :address ELSE "
        "last_used_address END,"
        " last_used_at_ms = CASE WHEN :at2 >= COALESCE(last_used_at_ms, 0) THEN :at3 ELSE last_used_at_ms END"
        " WHERE id = :id");
  }
  for (const auto& [user_id, sum] : users) {
    SqlStatement user(sql);
    user.use(sum.requests).use(sum.tokens).use(sum.cost_nano_usd).use(user_id);
    user.run(
        "UPDATE users SET usage_requests = usage_requests + :requests, usage_tokens = usage_tokens + :tokens,"
        " usage_cost_nano_usd = usage_cost_nano_usd + :cost WHERE id = :id");
  }
}

}  // namespace relay
