#include "store/sql/sql_price_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

namespace relay {
namespace {

// Columns, the binds of insert_line() and the definitions of list() keep one order.
constexpr const char* kPriceColumns =
    "model, tier, context_over, effective_from_ms, provider, input_pico_usd, cache_write_5m_pico_usd,"
    " cache_write_1h_pico_usd, cache_read_pico_usd, output_pico_usd, web_search_pico_usd";

const std::string kPriceInsert =
    std::string("INSERT INTO model_prices (") + kPriceColumns +
    ") VALUES (:model, :tier, :over, :from, :provider, :input, :w5m, :w1h, :read, :output, :search)";

void insert_line(soci::session& sql, const ModelPrice& line, const std::string& text) {
  const auto& rates = line.rates;
  SqlStatement insert(sql);
  insert.use(line.model).use(line.tier).use(line.context_over).use(line.effective_from).use(line.provider);
  insert.use(rates.input).use(rates.cache_write_5m).use(rates.cache_write_1h).use(rates.cache_read);
  insert.use(rates.output).use(line.web_search_request).run(text);
}

}  // namespace

Task<std::vector<ModelPrice>> SqlPriceStore::list() {
  return database_.read([](soci::session& sql) -> Result<std::vector<ModelPrice>> {
    ModelPrice line;
    auto& rates = line.rates;
    SqlStatement select(sql);
    select.into(line.model)
        .into(line.tier)
        .into(line.context_over)
        .into(line.effective_from)
        .into(line.provider);
    select.into(rates.input).into(rates.cache_write_5m).into(rates.cache_write_1h).into(rates.cache_read);
    select.into(rates.output).into(line.web_search_request);
    select.select(std::string("SELECT ") + kPriceColumns +
                  " FROM model_prices ORDER BY model, tier, context_over, effective_from_ms");
    std::vector<ModelPrice> lines;
    while (select.fetch()) lines.push_back(line);
    return lines;
  });
}

Task<> SqlPriceStore::put(std::vector<ModelPrice> prices) {
  return database_.write([prices = std::move(prices),
                          &dialect = database_.dialect()](soci::session& sql) -> Result<> {
    const auto text =
        kPriceInsert + dialect.on_duplicate_replace("model, tier, context_over, effective_from_ms",
                                                    {"provider", "input_pico_usd", "cache_write_5m_pico_usd",
                                                     "cache_write_1h_pico_usd", "cache_read_pico_usd",
                                                     "output_pico_usd", "web_search_pico_usd"});
    for (const auto& line : prices) insert_line(sql, line, text);
    return ok;
  });
}

Task<> SqlPriceStore::insert(ModelPrice price) {
  return database_.write([price = std::move(price)](soci::session& sql) -> Result<> {
    insert_line(sql, price, kPriceInsert);
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
