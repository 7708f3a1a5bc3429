#include "store/redis/redis_price_store.h"

#include "store/redis/redis_reading.h"

#include <algorithm>
#include <tuple>

namespace relay {
namespace {

const RedisScript& price_script() {
  static const RedisScript made = store_script("price_store.lua");
  return made;
}

Result<ModelPrice> to_price(const RedisReply& reply) {
  ModelPrice line;
  RedisRow row(reply);
  row.into("model", line.model).into("provider", line.provider).into("tier", line.tier);
  row.into("context_over", line.context_over).into("effective_from_ms", line.effective_from);
  for (const auto& rate : kRateColumns) row.into(rate.name, line.rates.*rate.of);
  row.into("web_search_pico_usd", line.web_search_request);
  CHECK(row.check());
  return line;
}

RedisFields to_fields(const ModelPrice& line) {
  RedisFields out;
  out.set("model", line.model).set("provider", line.provider).set("tier", line.tier);
  out.set("context_over", line.context_over).set("effective_from_ms", line.effective_from);
  for (const auto& rate : kRateColumns) out.set(rate.name, line.rates.*rate.of);
  out.set("web_search_pico_usd", line.web_search_request);
  return out;
}

Task<std::vector<ModelPrice>> list_in_order(RedisDatabase& database) {
  RedisWords words("list");
  auto place = place_before_all();
  CO_TRY(auto lines, co_await read_list(database, price_script(), std::move(words), std::move(place),
                                        kAllRows, to_price));
  std::ranges::sort(lines, {}, [](const ModelPrice& line) {
    return std::tie(line.model, line.tier, line.context_over, line.effective_from);
  });
  co_return lines;
}

}  // namespace

Task<std::vector<ModelPrice>> RedisPriceStore::list() { return list_in_order(database_); }

// In one script, however many: lines that belong together are in force together. They are an operator's file.
Task<> RedisPriceStore::put(std::vector<ModelPrice> prices) {
  RedisWords words("put");
  words.add(static_cast<std::int64_t>(prices.size()));
  for (const auto& line : prices) words.add(to_fields(line));
  return database_.perform(price_script(), std::move(words));
}

Task<> RedisPriceStore::insert(ModelPrice price) {
  return database_.perform(price_script(), RedisWords("insert").add(to_fields(price)));
}

Task<> RedisPriceStore::remove(PriceLineName name) {
  RedisWords words("remove");
  words.add(name.model).add(name.tier).add(name.context_over).add(name.effective_from);
  return database_.perform(price_script(), std::move(words));
}

}  // namespace relay
