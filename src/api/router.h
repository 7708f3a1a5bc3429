// The client API's front: finds the route, checks the call, answers.
#pragma once

#include "api/route.h"
#include "service/session_service.h"

#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// Immutable, thread-safe.
class Router {
 public:
  struct Settings {
    std::vector<std::string> allowed_origins;  // ALLOWED_ORIGINS: "https://app.example.com", exact; "*": any
    std::size_t body_bytes_max = 1024 * 1024;
  };

  /// `sessions` must outlive it.
  Router(std::vector<Route> routes, SessionService& sessions, Settings settings);

  /// Whether some route, of whatever method, has this path: else it is not the client API's.
  bool knows(std::string_view path) const;

  /// Always an answer, never an exception. To HEAD with the body that GET has: the server leaves it out.
  Awaitable<HttpAnswer> respond(HttpRequest request) const;

  /// The answer to a request that failed before it could be routed: with all that its other answers have.
  HttpAnswer refuse(const HttpRequest& request, const Error& error) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Match {
    const Route* route = nullptr;
    std::vector<std::string> path_values;
  };
  std::vector<Match> matches(std::string_view path) const;
  /// `matched` becomes the route that took the call; both references outlive it.
  Task<HttpAnswer> dispatch(const HttpRequest& request, const Route*& matched) const;
  Result<> check_body(const Route& route, const HttpRequest& request) const;
  HttpAnswer preflight(const HttpRequest& request) const;
  void add_headers(const HttpRequest& request, HttpAnswer& answer) const;
  bool is_allowed_origin(std::string_view origin) const;

  std::vector<Route> routes_;
  SessionService& sessions_;
  Settings settings_;
};

}  // namespace relay
