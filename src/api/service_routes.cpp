#include "api/service_routes.h"

#include <algorithm>

namespace relay {
namespace {

struct Greeting {
  std::string name = "Claude Relay";
  std::string version;
};
BOOST_DESCRIBE_STRUCT(Greeting, (), (name, version))

struct Health {
  std::string status = "ok";
  std::string version;
};
BOOST_DESCRIBE_STRUCT(Health, (), (status, version))

struct CheckObject {
  std::string name;
  bool ready = false;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(CheckObject, (), (name, ready, detail))

struct ReadyObject {
  bool ready = false;
  std::vector<CheckObject> checks;
};
BOOST_DESCRIBE_STRUCT(ReadyObject, (), (ready, checks))

Task<Reply<Greeting>> greet(std::string version) {
  Reply<Greeting> reply;
  reply.data.version = std::move(version);
  co_return reply;
}

Task<Reply<Health, Health>> health(std::string version) {
  Reply<Health, Health> reply;
  reply.data.version = version;
  reply.top.version = std::move(version);
  co_return reply;
}

Task<Reply<ReadyObject>> ready(Awaitable<std::vector<ReadinessCheck>> pending) {
  const auto checks = co_await std::move(pending);
  Reply<ReadyObject> reply;
  reply.data.ready = std::ranges::all_of(checks, &ReadinessCheck::ready);
  for (const auto& check : checks) {
    reply.data.checks.push_back({.name = check.name, .ready = check.ready, .detail = check.detail});
  }
  if (!reply.data.ready) {
    reply.status = 503;
    reply.headers.push_back({"Retry-After", "1"});
  }
  co_return reply;
}

Task<HttpAnswer> drop_events() {
  boost::json::object nothing;
  co_return envelope(200, nullptr, nothing, "", {});
}

}  // namespace

std::vector<Route> service_routes(ServiceRouteParts parts) {
  const auto at_root = [](std::string_view method, std::string_view path, std::string_view operation,
                          std::string_view summary) {
    return RouteSpec{.method = method,
                     .path = path,
                     .access = Access::open,
                     .operation = operation,
                     .summary = summary,
                     .base = Base::root};
  };
  std::vector<Route> routes;
  routes.push_back(make_route<NoFields, Greeting>(
      at_root("GET", "/", "greet", "What answers here; clients probe it with HEAD"),
      [version = parts.version](Call, NoFields) { return greet(version); }));
  routes.push_back(make_route<NoFields, Health, Health>(
      at_root("GET", "/health", "getHealth", "Whether the process is alive"),
      [version = parts.version](Call, NoFields) { return health(version); }));
  routes.push_back(make_route<NoFields, ReadyObject>(
      at_root("GET", "/ready", "getReadiness", "Whether calls can be taken; 503 when not").may_answer(503),
      [check = std::move(parts.check_readiness)](Call, NoFields) { return ready(check()); }));

  Route events;
  events.spec =
      at_root("POST", "/api/event_logging/batch", "dropEvents", "Telemetry of clients: accepted, dropped");
  events.takes_any_body = true;
  events.call = [](Call, RouteInput) { return drop_events(); };
  routes.push_back(std::move(events));
  return routes;
}

}  // namespace relay
