#include "relay/phases.h"

#include "async/blocking_pool.h"
#include "json/json_index.h"
#include "json/json_string.h"

namespace relay {
namespace {

// The account knows the model by another name.
Task<> name_model(Exchange& exchange, BlockingPool& pool) {
  const auto body = exchange.own_body ? std::string_view(*exchange.own_body) : exchange.body();
  const auto model = exchange.account->upstream_model(exchange.requested_model);
  std::optional<std::string> named;
  if (body.size() <= kTranslatedInPlaceBytesMax) {
    named = with_model(body, model, exchange.json);
  } else {
    auto work = [body, model]() -> Result<std::optional<std::string>> {
      JsonIndex json;
      return with_model(body, model, json);
    };
    CO_TRY(named, co_await pool.run(std::move(work)));
  }
  if (named) exchange.own_body = std::make_unique<std::string>(*std::move(named));
  co_return ok;
}

}  // namespace

std::optional<std::string> with_model(std::string_view body, std::string_view model, JsonIndex& json) {
  if (json.read(body) != JsonFault::none) return std::nullopt;
  const auto asked = json.root().find("model").raw();
  if (asked.empty()) return std::nullopt;
  const auto at = static_cast<std::size_t>(asked.data() - body.data());
  std::string out;
  out.reserve(body.size() + model.size() + 2);
  out.append(body.substr(0, at));
  append_json_string(out, model);
  return out.append(body.substr(at + asked.size()));
}

Task<> prepare_request(Exchange& exchange, BlockingPool& pool) {
  const auto& account = *exchange.account;
  exchange.own_body.reset();
  exchange.withholds_usage = false;
  if (account.provider != provider_of(exchange.dialect)) {
    // A translation is for one call of one account.
    if (exchange.failed || (exchange.translated && exchange.translated->dialect != account.translated_to))
      exchange.translated = make_translated_call(exchange.operation, account);
    if (exchange.translated) CO_CHECK(co_await translate_request(exchange, pool));
    co_return ok;
  }
  if (can_ask_for_usage(exchange)) CO_CHECK(co_await ask_for_usage(exchange, pool));
  if (account.upstream_model(exchange.requested_model) != exchange.requested_model)
    CO_CHECK(co_await name_model(exchange, pool));
  co_return ok;
}

}  // namespace relay
