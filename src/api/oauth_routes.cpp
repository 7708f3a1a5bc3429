#include "api/oauth_routes.h"

#include "api/sign_in_object.h"
#include "api/stated_errors.h"
#include "service/oauth_service.h"
#include "text/percent.h"

namespace relay {
namespace {

struct ProviderObject {
  std::string id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(ProviderObject, (), (id, name))

struct ProvidersObject {
  std::vector<ProviderObject> providers;
};
BOOST_DESCRIBE_STRUCT(ProvidersObject, (), (providers))

struct DepartureQuery {
  std::optional<std::string> redirect;
  std::optional<std::string> challenge;
};
BOOST_DESCRIBE_STRUCT(DepartureQuery, (), (redirect, challenge))

struct ArrivalQuery {
  std::optional<std::string> code;
  std::optional<std::string> state;
  std::optional<std::string> error;
  std::optional<std::string> iss;
};
BOOST_DESCRIBE_STRUCT(ArrivalQuery, (), (code, state, error, iss))

struct OAuthCodeObject {
  std::string code;
};
BOOST_DESCRIBE_STRUCT(OAuthCodeObject, (), (code))

struct ExchangeRequest {
  std::optional<std::string> code;
  std::optional<std::string> verifier;
};
BOOST_DESCRIBE_STRUCT(ExchangeRequest, (), (code, verifier))

struct IdentityObject {
  std::string id;
  std::string provider;
  std::string email;
  WallTime created_at;
  WallTime last_used_at;
};
BOOST_DESCRIBE_STRUCT(IdentityObject, (), (id, provider, email, created_at, last_used_at))

struct IdentitiesObject {
  std::vector<IdentityObject> identities;
};
BOOST_DESCRIBE_STRUCT(IdentitiesObject, (), (identities))

// Sent back on the provider's redirect, which comes from another site: Lax, not Strict (RFC 6265bis 5.6.7).
// With the prefix no other host and no plain connection can have set it.
Header cookie_header(const OAuthService& oauth, const std::string& name, const std::string& value,
                     const char* age) {
  if (oauth.is_https()) {
    return {"Set-Cookie",
            "__Host-" + name + "=" + value + "; Path=/; Max-Age=" + age + "; Secure; HttpOnly; SameSite=Lax"};
  }
  return {"Set-Cookie",
          name + "=" + value + "; Path=/api/client/auth/oauth; Max-Age=" + age + "; HttpOnly; SameSite=Lax"};
}

HttpAnswer redirect_to(int status, std::string url) {
  HttpAnswer answer;
  answer.status = status;
  answer.headers.push_back({"Location", std::move(url)});
  return answer;
}

Task<Reply<ProvidersObject>> list_providers(const OAuthService& oauth) {
  Reply<ProvidersObject> reply;
  for (const auto* provider : oauth.providers()) {
    reply.data.providers.push_back({.id = provider->id(), .name = provider->name()});
  }
  co_return reply;
}

Task<HttpAnswer> depart(OAuthService& oauth, Call call, RouteInput input) {
  CO_TRY(auto query, from_pairs<DepartureQuery>(parse_query(input.query)));
  OAuthWishes wishes{.redirect = std::move(query.redirect).value_or(""),
                     .challenge = std::move(query.challenge).value_or("")};
  auto provider = call.path_values.front();
  CO_TRY(auto departure,
         co_await oauth.depart(std::move(provider), std::move(wishes), std::move(call.device)));
  auto answer = redirect_to(302, std::move(departure.url));
  answer.headers.push_back(cookie_header(oauth, departure.cookie_name, departure.cookie_value, "600"));
  co_return answer;
}

// In the fragment, which browsers send to no server and leave out of the Referer.
HttpAnswer to_page(const OAuthArrival& arrival) {
  const std::string what = arrival.error ? "error=" + percent_encode(arrival.error->code()) +
                                               "&message=" + percent_encode(arrival.error->message())
                                         : "code=" + percent_encode(arrival.code);
  return redirect_to(303, arrival.redirect + "#" + what);
}

using OAuthArrivalObject = std::variant<SignedInObject, SecondFactorObject, OAuthCodeObject>;

Task<HttpAnswer> arrive(OAuthService& oauth, ProfileService& profiles, Call call, RouteInput input) {
  CO_TRY(auto query, from_pairs<ArrivalQuery>(parse_query(input.query)));
  OAuthReturn back{.code = std::move(query.code).value_or(""),
                   .state = std::move(query.state).value_or(""),
                   .error = std::move(query.error).value_or(""),
                   .issuer = std::move(query.iss),
                   .cookies = std::move(call.cookies)};
  auto provider = call.path_values.front();
  CO_TRY(auto arrival, co_await oauth.arrive(std::move(provider), std::move(back), std::move(call.device)));
  HttpAnswer answer;
  if (!arrival.redirect.empty()) {
    answer = to_page(arrival);
  } else if (arrival.error) {
    co_return *std::move(arrival.error);
  } else if (arrival.outcome) {
    auto outcome = *std::move(arrival.outcome);
    auto reply = to_sign_in_reply(profiles, std::move(outcome));
    CO_TRY(answer, co_await route_detail::answer(std::move(reply)));
  } else {
    const OAuthCodeObject object{.code = std::move(arrival.code)};
    const auto fields = to_json(object);
    answer = envelope(200, fields, fields.as_object(), "Exchange the code with POST auth/oauth/exchange", {});
  }
  answer.headers.push_back(cookie_header(oauth, arrival.cookie_name, "", "0"));
  co_return answer;
}

Task<SignInReply> exchange(OAuthService& oauth, ProfileService& profiles, Call call,
                           ExchangeRequest request) {
  auto code = std::move(request.code).value_or("");
  auto verifier = std::move(request.verifier).value_or("");
  CO_TRY(auto outcome, co_await oauth.exchange(std::move(code), std::move(verifier), std::move(call.device)));
  co_return co_await to_sign_in_reply(profiles, std::move(outcome));
}

Task<Reply<IdentitiesObject>> list_identities(OAuthService& oauth, Call call) {
  CO_TRY(const auto identities, co_await oauth.list(std::move(call.user_id)));
  Reply<IdentitiesObject> reply;
  for (const auto& identity : identities) {
    reply.data.identities.push_back({.id = identity.id,
                                     .provider = identity.provider,
                                     .email = identity.email,
                                     .created_at = identity.created_at,
                                     .last_used_at = identity.last_used_at});
  }
  co_return reply;
}

Task<Reply<NoFields>> unlink(OAuthService& oauth, Call call) {
  auto id = call.path_values.front();
  CO_CHECK(co_await oauth.unlink(actor_of(call), std::move(id)));
  Reply<NoFields> reply{.message = "The account is not linked any more"};
  co_return reply;
}

// Answered with a redirect, not with JSON: by hand, not with make_route.
Route browser_route(RouteSpec spec, OtherAnswer redirect, boost::json::object (*query)(),
                    std::function<Task<HttpAnswer>(Call, RouteInput)> call) {
  Route route;
  route.spec = std::move(spec);
  route.answers = {std::move(redirect)};
  route.query = query;
  route.call = std::move(call);
  return route;
}

const StatedError kUnknownProvider{ErrorKind::not_found, {"provider_unknown"}};

}  // namespace

std::vector<Route> oauth_routes(OAuthService& oauth, ProfileService& profiles) {
  std::vector<Route> routes;
  routes.push_back(make_route<NoFields, ProvidersObject>(
      {"GET", "/auth/oauth", Access::open, "listOAuthProviders", "Where people can sign in with"},
      [&oauth](Call, NoFields) { return list_providers(oauth); }));
  routes.push_back(browser_route(
      {.method = "GET",
       .path = "/auth/oauth/{provider}",
       .access = Access::open,
       .operation = "startOAuth",
       .summary = "Go to the provider to sign in there",
       .errors = {{ErrorKind::unauthorized, {"oauth_failed"}}, kUnknownProvider, kTooManyTries},
       .description = "With `redirect`, which needs a `challenge`, the browser ends there with #code=… or "
                      "#error=…, else at "
                      "the callback, which answers as a login does."},
      {.status = 302, .meaning = "To the provider", .headers = {"Location", "Set-Cookie"}},
      &route_detail::request_schema<DepartureQuery>,
      [&oauth](Call call, RouteInput input) { return depart(oauth, std::move(call), std::move(input)); }));
  auto callback = browser_route(
      {.method = "GET",
       .path = "/auth/oauth/{provider}/callback",
       .access = Access::open,
       .operation = "finishOAuth",
       .summary =
           "Where the provider sends the browser back to; answers as a login does, or with a code for POST "
           "auth/oauth/exchange where the start had a challenge",
       .errors = {{ErrorKind::security, {"state_invalid"}},
                  {ErrorKind::unauthorized, {"oauth_failed", "oauth_denied"}},
                  {ErrorKind::forbidden, {"email_not_verified", "account_inactive"}},
                  kUnknownProvider,
                  kTooManyTries},
       .answer_headers = {"Set-Cookie"}},
      {.status = 303,
       .meaning = "To the page that the start named as `redirect`, with #code=… or #error=…&message=…",
       .headers = {"Location", "Set-Cookie"}},
      &route_detail::request_schema<ArrivalQuery>, [&oauth, &profiles](Call call, RouteInput input) {
        return arrive(oauth, profiles, std::move(call), std::move(input));
      });
  callback.data = callback.top = &route_detail::answer_schema<OAuthArrivalObject>;
  routes.push_back(std::move(callback));
  routes.push_back(make_route<ExchangeRequest, SignInObject, SignInObject>(
      RouteSpec{"POST",
                "/auth/oauth/exchange",
                Access::open,
                "exchangeOAuthCode",
                "Tokens for the code that the callback gave, or a ticket for POST auth/mfa/verify",
                {{ErrorKind::validation, {"code_required"}},
                 {ErrorKind::unauthorized, {"code_invalid"}},
                 kInactive,
                 kTooManyTries}}
          .needs({"code"}),
      [&oauth, &profiles](Call call, ExchangeRequest request) {
        return exchange(oauth, profiles, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<NoFields, IdentitiesObject>(
      {"GET", "/auth/identities", Access::bearer, "listIdentities",
       "Accounts elsewhere that sign one in here"},
      [&oauth](Call call, NoFields) { return list_identities(oauth, std::move(call)); }));
  routes.push_back(make_route<NoFields, NoFields>(
      {"DELETE",
       "/auth/identities/{id}",
       Access::bearer,
       "unlinkIdentity",
       "Sign in with that account no more",
       {{ErrorKind::not_found, {"identity_unknown"}}, {ErrorKind::conflict, {"last_way_in"}}}},
      [&oauth](Call call, NoFields) { return unlink(oauth, std::move(call)); }));
  return routes;
}

}  // namespace relay
