#include "relay/phases.h"

#include "async/blocking_pool.h"
#include "json/json_index.h"
#include "json/json_string.h"

namespace relay {
namespace {

std::optional<BodyEdit> edit_of_model(std::string_view body, JsonValue root, std::string_view model) {
  const auto asked = root.find("model").raw();
  if (asked.empty()) return std::nullopt;
  BodyEdit edit{.at = static_cast<std::size_t>(asked.data() - body.data()), .cut = asked.size(), .put = {}};
  append_json_string(edit.put, model);
  return edit;
}

Task<> edit_body(Exchange& exchange, std::string_view model, bool asks_for_usage, BlockingPool& pool) {
  const auto body = exchange.body();
  std::optional<EditedBody> edited;
  if (body.size() <= kTranslatedInPlaceBytesMax) {
    edited = edited_body(body, model, asks_for_usage, exchange.json);
  } else {
    auto work = [body, model, asks_for_usage]() -> Result<std::optional<EditedBody>> {
      JsonIndex json;
      return edited_body(body, model, asks_for_usage, json);
    };
    CO_TRY(edited, co_await pool.run(std::move(work)));
  }
  if (!edited) co_return ok;
  exchange.own_body = std::make_unique<std::string>(std::move(edited->body));
  exchange.withholds_usage = edited->asks_for_usage;
  co_return ok;
}

}  // namespace

std::optional<EditedBody> edited_body(std::string_view body, std::string_view model, bool ask_for_usage,
                                      JsonIndex& json) {
  if (json.read(body) != JsonFault::none) return std::nullopt;
  const auto root = json.root();
  auto first = model.empty() ? std::nullopt : edit_of_model(body, root, model);
  auto second = ask_for_usage ? edit_asking_for_usage(body, root) : std::nullopt;
  if (!first && !second) return std::nullopt;
  EditedBody edited{.body = {}, .asks_for_usage = second.has_value()};
  if (first && second && second->at < first->at) std::swap(first, second);
  edited.body.reserve(body.size() + (first ? first->put.size() : 0) + (second ? second->put.size() : 0));
  std::size_t from = 0;
  for (const auto* edit : {&first, &second}) {
    if (!*edit) continue;
    edited.body.append(body.substr(from, (*edit)->at - from)).append((*edit)->put);
    from = (*edit)->at + (*edit)->cut;
  }
  edited.body.append(body.substr(from));
  return edited;
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
  auto model = account.upstream_model(exchange.requested_model);
  if (model == exchange.requested_model) model = {};
  const bool asks_for_usage = can_ask_for_usage(exchange);
  if (!model.empty() || asks_for_usage) CO_CHECK(co_await edit_body(exchange, model, asks_for_usage, pool));
  co_return ok;
}

}  // namespace relay
