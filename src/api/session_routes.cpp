#include "api/session_routes.h"

#include "service/session_service.h"

namespace relay {
namespace {

struct SessionObject {
  std::string id;
  std::string device;      // "Firefox on Linux"
  std::string user_agent;  // as it was sent at sign-in
  std::string address;     // at sign-in
  bool current = false;    // the one that asks
  WallTime created_at;
  WallTime last_used_at;
  WallTime expires_at;
};
BOOST_DESCRIBE_STRUCT(SessionObject, (),
                      (id, device, user_agent, address, current, created_at, last_used_at, expires_at))

Task<Reply<std::vector<SessionObject>>> list_sessions(SessionService& sessions, Call call) {
  CO_TRY(auto found, co_await sessions.list(std::move(call.user_id)));
  Reply<std::vector<SessionObject>> reply;
  for (auto& session : found) {
    SessionObject object{.id = std::move(session.id),
                         .device = device_words(session.user_agent),
                         .user_agent = std::move(session.user_agent),
                         .address = std::move(session.address),
                         .created_at = session.created_at,
                         .last_used_at = session.last_used_at,
                         .expires_at = session.expires_at};
    object.current = object.id == call.session_id;
    reply.data.push_back(std::move(object));
  }
  co_return reply;
}

Task<Reply<NoFields>> end_session(SessionService& sessions, Call call) {
  CO_CHECK(co_await sessions.remove(actor_of(call), std::move(call.path_values.at(0))));
  Reply<NoFields> reply{.message = "Session ended successfully"};
  co_return reply;
}

}  // namespace

std::vector<Route> session_routes(SessionService& sessions) {
  std::vector<Route> routes;
  routes.push_back(make_route<NoFields, std::vector<SessionObject>>(
      {"GET", "/auth/sessions", Access::bearer, "listSessions",
       "Where one is signed in: live sessions, newest first, at most 100"},
      [&sessions](Call call, NoFields) { return list_sessions(sessions, std::move(call)); }));
  routes.push_back(make_route<NoFields, NoFields>(
      {"DELETE",
       "/auth/sessions/{id}",
       Access::bearer,
       "endSession",
       "Sign out one session",
       {{ErrorKind::not_found, {"session_unknown"}}}},
      [&sessions](Call call, NoFields) { return end_session(sessions, std::move(call)); }));
  return routes;
}

}  // namespace relay
