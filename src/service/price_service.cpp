#include "service/price_service.h"

#include "text/glob.h"
#include "text/rfc3339.h"

#include <algorithm>
#include <utility>

namespace relay {
namespace {

Error price_unknown() { return Error(ErrorKind::not_found, "price_unknown", "There is no such price"); }

bool follows(const ModelPrice& later, const ModelPrice& earlier) {
  return later.model == earlier.model && later.tier == earlier.tier &&
         later.context_over == earlier.context_over;
}

}  // namespace

std::vector<ModelPrice> filter_prices(std::vector<ModelPrice> lines, const PriceFilter& filter) {
  std::vector<ModelPrice> passed;
  for (auto& line : lines) {
    if (filter.model && line.model != *filter.model && !glob_matches(line.model, *filter.model)) continue;
    if (filter.at && line.effective_from > *filter.at) continue;
    if (filter.at && !passed.empty() && follows(line, passed.back())) passed.pop_back();
    passed.push_back(std::move(line));
  }
  return passed;
}

AuditDetails audit_details_of(const ModelPrice& line) {
  AuditDetails details{{"tier", line.tier},
                       {"effectiveFrom", to_rfc3339(line.effective_from)},
                       {"input", to_token_price(line.rates.input)},
                       {"cacheWrite5m", to_token_price(line.rates.cache_write_5m)},
                       {"cacheWrite1h", to_token_price(line.rates.cache_write_1h)},
                       {"cacheRead", to_token_price(line.rates.cache_read)},
                       {"output", to_token_price(line.rates.output)},
                       {"webSearch", to_thousand_price(line.web_search_request)}};
  const auto add_own = [&details](const char* name, PicoUsd price) {
    if (price != 0) details.emplace_back(name, to_token_price(price));
  };
  add_own("audioInput", line.rates.audio_input);
  add_own("audioCacheRead", line.rates.audio_cache_read);
  add_own("audioOutput", line.rates.audio_output);
  add_own("imageInput", line.rates.image_input);
  add_own("imageOutput", line.rates.image_output);
  add_own("reasoning", line.rates.reasoning);
  if (line.context_over > 0) details.emplace_back("contextOver", std::to_string(line.context_over));
  return details;
}

Task<std::vector<ModelPrice>> PriceService::list(PriceFilter filter) {
  CO_TRY(auto lines, co_await parts_.prices.list());
  co_return filter_prices(std::move(lines), filter);
}

Task<ModelPrice> PriceService::find(PriceLineName name) {
  CO_TRY(auto lines, co_await parts_.prices.list());
  const auto found = std::ranges::find(lines, name, &PriceLineName::of);
  if (found == lines.end()) co_return price_unknown();
  co_return std::move(*found);
}

Task<ModelPrice> PriceService::add(Actor admin, ModelPrice line) {
  if (auto added = co_await parts_.prices.insert(line); added.has_error()) {
    if (added.error().kind() != ErrorKind::conflict) co_return std::move(added).error();
    co_return Error(ErrorKind::conflict, "price_exists",
                    "There is a price of this model, tier and time already");
  }
  CO_CHECK(co_await tell(audit_action::kPriceAdded, std::move(admin), line));
  co_return line;
}

Task<ModelPrice> PriceService::correct(Actor admin, PriceLineName name, GivenRates rates) {
  CO_TRY(auto line, co_await find(std::move(name)));
  apply_rates(line, rates);
  std::vector<ModelPrice> lines{line};
  CO_CHECK(co_await parts_.prices.put(std::move(lines)));
  CO_CHECK(co_await tell(audit_action::kPriceCorrected, std::move(admin), line));
  co_return line;
}

Task<> PriceService::remove(Actor admin, PriceLineName name) {
  CO_TRY(auto line, co_await find(name));
  if (line.effective_from <= parts_.clock.now()) {
    co_return Error(ErrorKind::conflict, "price_in_force",
                    "The price is in force: add one that follows it, or correct it");
  }
  CO_CHECK(co_await parts_.prices.remove(std::move(name)));
  co_return co_await tell(audit_action::kPriceRemoved, std::move(admin), std::move(line));
}

Task<> PriceService::tell(std::string_view action, Actor admin, ModelPrice line) {
  // What can't be read again now is read by the refresh, which hears of it like everybody.
  static_cast<void>(co_await parts_.refresh.reload());
  parts_.invalidation.prices_changed();
  AuditAct act{.action = action, .actor_kind = AuditActor::admin, .actor_id = std::move(admin.user_id)};
  act.target = line.model;
  act.details = audit_details_of(line);
  co_return co_await parts_.audit.record(std::move(act), std::move(admin.device));
}

}  // namespace relay
