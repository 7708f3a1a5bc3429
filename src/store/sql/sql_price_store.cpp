#include "store/sql/sql_price_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

namespace relay {
namespace {

// Columns, the binds of insert_line() and the definitions of list() keep one order.
std::string price_columns() {
  std::string columns = "model, tier, context_over, effective_from_ms, provider, web_search_pico_usd";
  for (const auto& rate : kRateColumns) columns += std::string(", ") + rate.name;
  return columns;
}

std::string insert_text() {
  std::string text = "INSERT INTO model_prices (" + price_columns() +
                     ") VALUES (:model, :tier, :over, :from, :provider, :search";
  for (const auto& rate : kRateColumns) text += std::string(", :") + rate.name;
  return text + ")";
}

void insert_line(soci::session& sql, const ModelPrice& line, const std::string& text) {
  SqlStatement insert(sql);
  insert.use(line.model).use(line.tier).use(line.context_over).use(line.effective_from).use(line.provider);
  insert.use(line.web_search_request);
  for (const auto& rate : kRateColumns) insert.use(line.rates.*rate.of);
  insert.run(text);
}

}  // namespace

Task<std::vector<ModelPrice>> SqlPriceStore::list() {
  return database_.read([](soci::session& sql) -> Result<std::vector<ModelPrice>> {
    ModelPrice line;
    SqlStatement select(sql);
    select.into(line.model)
        .into(line.tier)
        .into(line.context_over)
        .into(line.effective_from)
        .into(line.provider);
    select.into(line.web_search_request);
    for (const auto& rate : kRateColumns) select.into(line.rates.*rate.of);
    select.select("SELECT " + price_columns() +
                  " FROM model_prices ORDER BY model, tier, context_over, effective_from_ms");
    std::vector<ModelPrice> lines;
    while (select.fetch()) lines.push_back(line);
    return lines;
  });
}

Task<> SqlPriceStore::put(std::vector<ModelPrice> prices) {
  return database_.write([prices = std::move(prices),
                          &dialect = database_.dialect()](soci::session& sql) -> Result<> {
    std::vector<std::string_view> replaced{"provider", "web_search_pico_usd"};
    for (const auto& rate : kRateColumns) replaced.emplace_back(rate.name);
    const auto text = insert_text() +
                      dialect.on_duplicate_replace("model, tier, context_over, effective_from_ms", replaced);
    for (const auto& line : prices) insert_line(sql, line, text);
    return ok;
  });
}

Task<> SqlPriceStore::insert(ModelPrice price) {
  return database_.write([price = std::move(price)](soci::session& sql) -> Result<> {
    insert_line(sql, price, insert_text());
    return ok;
  });
}

Task<> SqlPriceStore::remove(PriceLineName name) {
  return database_.write([name = std::move(name)](soci::session& sql) -> Result<> {
    SqlStatement drop(sql);
    drop.use(name.model).use(name.tier).use(name.context_over).use(name.effective_from);
    const auto gone = drop.run(
        "DELETE FROM model_prices WHERE model = :model AND tier = :tier AND context_over = :over"
        " AND effective_from_ms = :from");
    if (gone == 0) return Error(ErrorKind::not_found, "price_unknown", "There is no such price");
    return ok;
  });
}

}  // namespace relay
