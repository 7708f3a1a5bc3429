// A route as data: the router matches it, the checks read it, the OpenAPI document lists it.
#pragma once

#include "async/task.h"
#include "domain/user.h"
#include "http/message.h"
#include "http/query.h"
#include "json/binding.h"
#include "json/schema.h"
#include "service/device.h"

#include <boost/json/object.hpp>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

enum class Access {
  open,
  bearer,  // an access token
  admin,   // an access token of an admin
};

/// Where a route's path begins.
enum class Base {
  client_api,  // below /api/client and below /client
  root,        // as it stands
};

/// Who calls, and from where. user_id, session_id and role mean nothing on an open route.
struct Call {
  std::string user_id{};
  std::string session_id{};
  UserRole role = UserRole::user;
  Device device{};
  std::string request_id{};
  std::string cookies{};                   // the Cookie header: only OAuth's way back looks at it
  std::vector<std::string> path_values{};  // of the path's {parameters}, in their order
};

/// An error that a route may answer with, and its codes. Without codes: every code of this kind.
struct StatedError {
  // NOLINTNEXTLINE(google-explicit-constructor): {ErrorKind::not_found} is a whole list.
  StatedError(ErrorKind its_kind, std::initializer_list<std::string_view> its_codes = {})
      : kind(its_kind), codes(its_codes) {}

  ErrorKind kind;
  std::vector<std::string_view> codes;
};
using Errors = std::vector<StatedError>;

/// What a route is, but for its types and its handler.
struct RouteSpec {
  std::string_view method;
  std::string_view path;  // "/keys/{id}"
  Access access = Access::open;
  std::string_view operation{};  // "getKey"; unique
  std::string_view summary{};
  Errors errors{};   // beside those that follow from what the route is: api/route_errors.h
  int status = 200;  // when all goes well
  Base base = Base::client_api;
  std::string_view description{};                  // what the summary has no room for
  std::vector<std::string_view> answer_headers{};  // "Deprecation"; those of every answer are known
  std::vector<int> also{};                         // further statuses that answer in the same form
  std::vector<std::string_view> required{};        // of the body, beside those whose types say so

  /// Fields that must be there although their types are optional: the service refuses in the contract's
  /// words.
  RouteSpec needs(std::initializer_list<std::string_view> fields) && {
    required = fields;
    return std::move(*this);
  }
  RouteSpec sends(std::string_view header) && {
    answer_headers.push_back(header);
    return std::move(*this);
  }
  RouteSpec may_answer(int status_of_same_form) && {
    also.push_back(status_of_same_form);
    return std::move(*this);
  }
};

/// An answer that has not the client API's form: a redirect, a page, plain text.
struct OtherAnswer {
  int status = 200;
  std::string_view meaning;
  std::string_view media_type{};  // empty: without a body
  std::vector<std::string_view> headers{};
  boost::json::object (*schema)() = nullptr;  // of the body; null: any
};

/// Who makes the call, for what is written down of it.
inline Actor actor_of(const Call& call) { return {.user_id = call.user_id, .device = call.device}; }

struct RouteInput {
  std::string query;
  std::string body;
};

struct Route {
  RouteSpec spec;
  bool takes_any_body = false;  // neither its type nor its size is looked at
  std::function<Task<HttpAnswer>(Call, RouteInput)> call;
  /// For the document. `query` describes query parameters, `body` the request's body; null: there is none.
  boost::json::object (*query)() = nullptr;
  boost::json::object (*body)() = nullptr;
  boost::json::object (*data)() = nullptr;  // what stands under "data"
  boost::json::object (*top)() = nullptr;   // what stands beside it
  std::vector<OtherAnswer> answers{};       // in place of that form; beside it where `data` is set
};

/// Nothing to read, or nothing to say.
struct NoFields {};
BOOST_DESCRIBE_STRUCT(NoFields, (), ())

/// What a handler gives back: {"success":true,"data":data,"message":message} with the members of `top`
/// beside them. A `data` of NoFields is null.
template <class Out, class Top = NoFields>
struct Reply {
  int status = 200;
  Out data{};
  Top top{};
  std::string message{};
  std::vector<Header> headers{};
};

/// The answer of the client API's form; without a "message" when it is empty.
HttpAnswer envelope(int status, boost::json::value data, const boost::json::object& top,
                    const std::string& message, std::vector<Header> headers);

namespace route_detail {

bool reads_query(std::string_view method);
Task<HttpAnswer> fail(Error error);

template <class T>
boost::json::object request_schema() {
  return schema_of<T>(SchemaUse::request);
}

template <class T>
boost::json::object answer_schema() {
  return schema_of<T>(SchemaUse::answer);
}

template <class Out>
boost::json::value data_of(const Out& data) {
  if constexpr (std::is_same_v<Out, NoFields>) {
    return nullptr;
  } else {
    return to_json(data);
  }
}

template <class Out, class Top>
Task<HttpAnswer> answer(Task<Reply<Out, Top>> pending) {
  CO_TRY(auto reply, co_await std::move(pending));
  const auto top = to_json(reply.top);
  co_return envelope(reply.status, data_of(reply.data), top.as_object(), reply.message,
                     std::move(reply.headers));
}

template <class In>
Result<In> read_input(const RouteInput& input, bool from_query) {
  if constexpr (std::is_same_v<In, NoFields>) return In{};  // what nobody asked for is not looked at
  if (from_query) return from_pairs<In>(parse_query(input.query));
  TRY(auto body, parse_json(input.body.empty() ? "{}" : std::string_view(input.body)));
  return from_json<In>(body);
}

}  // namespace route_detail

/// `handler` is callable as Task<Reply<Out, Top>>(Call, In) with described structs. In is read from the query
/// of GET, from the JSON body of the others.
template <class In, class Out, class Top = NoFields, class Handler>
Route make_route(RouteSpec spec, Handler handler) {
  const bool from_query = route_detail::reads_query(spec.method);
  Route route;
  route.spec = std::move(spec);
  route.call = [from_query, handler = std::move(handler)](Call call, RouteInput raw) -> Task<HttpAnswer> {
    auto input = route_detail::read_input<In>(raw, from_query);
    if (input.has_error()) return route_detail::fail(std::move(input).error());
    return route_detail::answer<Out, Top>(handler(std::move(call), *std::move(input)));
  };
  if constexpr (!std::is_same_v<In, NoFields>) {
    (from_query ? route.query : route.body) = &route_detail::request_schema<In>;
  }
  if constexpr (!std::is_same_v<Out, NoFields>) route.data = &route_detail::answer_schema<Out>;
  route.top = &route_detail::answer_schema<Top>;
  return route;
}

}  // namespace relay
