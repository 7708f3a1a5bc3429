#include "api/admin_routes.h"
#include "domain/budget.h"
#include "json/binding.h"
#include "upstream/account_health.h"
#include "upstream/accounts_in_force.h"

namespace relay {
namespace {

struct AccountRestObject {
  std::optional<std::string> family;
  std::string reason;
  WallTime since;
  WallTime until;
  std::int64_t failures = 0;
  bool is_probing = false;
  std::optional<std::string> heard_from;
};
BOOST_DESCRIBE_STRUCT(AccountRestObject, (), (family, reason, since, until, failures, is_probing, heard_from))

struct AccountHealthObject {
  std::string id;
  std::string provider;
  std::string state;
  std::vector<AccountRestObject> rests;
  std::int64_t in_flight = 0;
  std::optional<std::int64_t> stream_latency_ms;
  std::optional<std::int64_t> answer_latency_ms;
  std::string spent_today;
  std::optional<std::string> daily_spend_cap;
};
BOOST_DESCRIBE_STRUCT(AccountHealthObject, (),
                      (id, provider, state, rests, in_flight, stream_latency_ms, answer_latency_ms,
                       spent_today, daily_spend_cap))

std::optional<std::string> text_or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

AccountHealthObject to_account_health_object(const AccountHealth& health) {
  AccountHealthObject object{.id = health.id,
                             .provider = std::string(to_string(health.provider)),
                             .state = std::string(to_string(health.state)),
                             .rests = {},
                             .in_flight = health.in_flight,
                             .stream_latency_ms = health.stream_latency_ms,
                             .answer_latency_ms = health.answer_latency_ms,
                             .spent_today = to_usd(health.spent_today),
                             .daily_spend_cap = {}};
  if (health.daily_spend_cap) object.daily_spend_cap = to_usd(*health.daily_spend_cap);
  for (const auto& rest : health.rests) {
    object.rests.push_back({.family = text_or_null(rest.family),
                            .reason = std::string(to_string(rest.reason)),
                            .since = rest.since,
                            .until = rest.until,
                            .failures = rest.failures,
                            .is_probing = rest.is_probing,
                            .heard_from = text_or_null(rest.heard_from)});
  }
  return object;
}

Task<Reply<std::vector<AccountHealthObject>>> account_health_list(const AccountsInForce& accounts,
                                                                  const Clock& clock) {
  Reply<std::vector<AccountHealthObject>> reply;
  const auto pool = accounts.pool();
  for (const auto& account : pool->accounts())
    reply.data.push_back(to_account_health_object(health_of(account, clock.steady_now(), clock.now())));
  co_return reply;
}

}  // namespace

std::vector<Route> admin_account_health_routes(const AccountsInForce& accounts, const Clock& clock) {
  std::vector<Route> routes;
  routes.push_back(make_route<NoFields, std::vector<AccountHealthObject>>(
      admin_spec("GET", "/api/admin/accounts/health", "adminListAccountHealth",
                 "How the upstream accounts are doing, as the server that answers sees it", {}),
      [&accounts, &clock](Call, NoFields) { return account_health_list(accounts, clock); }));
  return routes;
}

}  // namespace relay
