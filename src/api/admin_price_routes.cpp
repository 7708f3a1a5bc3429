#include "api/admin_routes.h"
#include "api/price_object.h"
#include "service/price_service.h"

#include <utility>

namespace relay {
namespace {

struct PriceListQuery {
  std::optional<Text<0, 200>> model;
  std::optional<std::string> at;
};
BOOST_DESCRIBE_STRUCT(PriceListQuery, (), (model, at))

const StatedError kNoSuchPrice{ErrorKind::not_found, {"price_unknown"}};
const StatedError kWrongPrice{ErrorKind::validation, {"price_invalid"}};

Result<PriceLineName> line_of(const Call& call) {
  auto name = parse_price_id(call.path_values.at(0));
  if (!name) return Error(ErrorKind::not_found, "price_unknown", "There is no such price");
  return *std::move(name);
}

Task<Reply<std::vector<PriceObject>>> list_prices(PriceService& prices, PriceListQuery query) {
  PriceFilter filter;
  if (query.model && !query.model->value.empty()) filter.model = query.model->value;
  if (query.at) {
    CO_TRY(filter.at, parse_price_moment(*query.at, "at"));
  }
  CO_TRY(auto lines, co_await prices.list(std::move(filter)));
  Reply<std::vector<PriceObject>> reply;
  for (const auto& line : lines) reply.data.push_back(to_price_object(line));
  co_return reply;
}

Task<Reply<PriceObject>> add_price(PriceService& prices, WallTime now, Call call, NewPriceFields fields) {
  CO_TRY(auto line, to_new_price(fields, now));
  CO_TRY(auto added, co_await prices.add(actor_of(call), std::move(line)));
  Reply<PriceObject> reply{
      .status = 201, .data = to_price_object(added), .message = "Price added successfully"};
  co_return reply;
}

Task<Reply<PriceObject>> correct_price(PriceService& prices, Call call, RateFields fields) {
  CO_TRY(auto name, line_of(call));
  CO_TRY(auto given, to_given_rates(fields));
  CO_TRY(auto corrected, co_await prices.correct(actor_of(call), std::move(name), given));
  Reply<PriceObject> reply{.data = to_price_object(corrected), .message = "Price corrected successfully"};
  co_return reply;
}

Task<Reply<NoFields>> remove_price(PriceService& prices, Call call) {
  CO_TRY(auto name, line_of(call));
  CO_CHECK(co_await prices.remove(actor_of(call), std::move(name)));
  Reply<NoFields> reply{.message = "Price removed successfully"};
  co_return reply;
}

RouteSpec adding() {
  auto spec = admin_spec("POST", "/api/admin/prices", "adminAddPrice",
                         "Add a price that holds from a time on, for a model, tier and length of context",
                         {kWrongPrice, {ErrorKind::conflict, {"price_exists"}}});
  spec.status = 201;
  return std::move(spec).needs({"input", "output"});
}

}  // namespace

std::vector<Route> admin_price_routes(PriceService& prices, const Clock& clock) {
  std::vector<Route> routes;
  routes.push_back(make_route<PriceListQuery, std::vector<PriceObject>>(
      admin_spec("GET", "/api/admin/prices", "adminListPrices",
                 "The price table, by model, tier, context and time", {kWrongPrice}),
      [&prices](Call, PriceListQuery query) { return list_prices(prices, std::move(query)); }));
  routes.push_back(
      make_route<NewPriceFields, PriceObject>(adding(), [&prices, &clock](Call call, NewPriceFields fields) {
        return add_price(prices, clock.now(), std::move(call), std::move(fields));
      }));
  routes.push_back(make_route<RateFields, PriceObject>(
      admin_spec("PUT", "/api/admin/prices/{id}", "adminCorrectPrice",
                 "Put a price right; stored usage keeps its cost", {kNoSuchPrice, kWrongPrice}),
      [&prices](Call call, RateFields fields) {
        return correct_price(prices, std::move(call), std::move(fields));
      }));
  routes.push_back(make_route<NoFields, NoFields>(
      admin_spec("DELETE", "/api/admin/prices/{id}", "adminDeletePrice",
                 "Take back a price that is not yet in force",
                 {kNoSuchPrice, {ErrorKind::conflict, {"price_in_force"}}}),
      [&prices](Call call, NoFields) { return remove_price(prices, std::move(call)); }));
  return routes;
}

}  // namespace relay
