#include "oauth/openid_provider.h"

#include "oauth/id_token.h"
#include "oauth/oauth_messages.h"
#include "text/base64.h"
#include "text/percent.h"

#include <boost/json/array.hpp>

#include <algorithm>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kDiscoveryKeptFor = 1h;

// An endpoint that was named in the document; none that could leave TLS when the issuer has it.
std::string endpoint(const boost::json::object& document, std::string_view name, bool plain_allowed) {
  auto url = text_member(document, name);
  const bool has_scheme = url.starts_with("https://") || (plain_allowed && url.starts_with("http://"));
  const bool is_clean = std::ranges::all_of(url, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  return has_scheme && is_clean && url.find('#') == std::string::npos ? url : "";
}

bool lists(const boost::json::object& document, const char* name, std::string_view word) {
  const auto* list = document.if_contains(name);
  if (list == nullptr || !list->is_array()) return false;
  return std::ranges::any_of(list->get_array(), [&](const boost::json::value& entry) {
    return entry.is_string() &&
           std::string_view(entry.get_string().data(), entry.get_string().size()) == word;
  });
}

// True or "true": some issuers write it as text.
bool is_true(const boost::json::object& claims, const char* name) {
  const auto* value = claims.if_contains(name);
  return value != nullptr && ((value->is_bool() && value->get_bool()) || text_member(claims, name) == "true");
}

std::string without_slash(std::string text) {
  if (text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

Task<OpenIdProvider::MetadataSnapshot> OpenIdProvider::metadata() {
  MetadataSnapshot kept;
  {
    const std::lock_guard lock(mutex_);
    kept = metadata_;
  }
  if (kept && clock_.steady_now() - kept->fetched_at < kDiscoveryKeptFor) co_return kept;
  auto fetched = co_await discover();
  if (fetched.has_error() && kept) co_return kept;  // it changes once in years
  co_return fetched;
}

Task<OpenIdProvider::MetadataSnapshot> OpenIdProvider::discover() {
  CO_TRY(auto document,
         co_await fetch_json(http_, settings_.issuer + "/.well-known/openid-configuration", ""));
  const bool plain = settings_.issuer.starts_with("http://");
  auto found = std::make_shared<Metadata>();
  found->issuer = text_member(document, "issuer");
  found->authorization_endpoint = endpoint(document, "authorization_endpoint", plain);
  found->token_endpoint = endpoint(document, "token_endpoint", plain);
  found->userinfo_endpoint = endpoint(document, "userinfo_endpoint", plain);
  found->jwks_uri = endpoint(document, "jwks_uri", plain);
  found->names_issuer = is_true(document, "authorization_response_iss_parameter_supported");
  const char* const methods = "token_endpoint_auth_methods_supported";
  found->secret_in_form =
      lists(document, methods, "client_secret_post") && !lists(document, methods, "client_secret_basic");
  found->fetched_at = clock_.steady_now();
  if (without_slash(found->issuer) != settings_.issuer) {
    co_return oauth_failed("the discovery document is another issuer's: " + found->issuer);
  }
  if (found->authorization_endpoint.empty() || found->token_endpoint.empty() || found->jwks_uri.empty()) {
    co_return oauth_failed("the discovery document lacks an endpoint");
  }
  MetadataSnapshot fetched = std::move(found);
  const std::lock_guard lock(mutex_);
  metadata_ = fetched;
  co_return fetched;
}

Task<std::string> OpenIdProvider::authorize_url(AuthorizeRequest request) {
  CO_TRY(auto known, co_await metadata());
  const OAuthFields fields{{"response_type", "code"},
                           {"client_id", settings_.client_id},
                           {"redirect_uri", std::move(request.redirect_uri)},
                           {"scope", "openid email profile"},
                           {"state", std::move(request.state)},
                           {"nonce", std::move(request.nonce)},
                           {"code_challenge", std::move(request.code_challenge)},
                           {"code_challenge_method", "S256"}};
  co_return with_query(known->authorization_endpoint, fields);
}

Task<boost::json::object> OpenIdProvider::exchange(MetadataSnapshot known, CodeGrant grant) {
  OAuthFields fields{{"grant_type", "authorization_code"},
                     {"code", std::move(grant.code)},
                     {"redirect_uri", std::move(grant.redirect_uri)},
                     {"code_verifier", std::move(grant.code_verifier)}};
  std::string authorization;
  if (settings_.client_secret.empty() || known->secret_in_form) {
    fields.emplace_back("client_id", settings_.client_id);
    if (!settings_.client_secret.empty()) fields.emplace_back("client_secret", settings_.client_secret);
  } else {  // RFC 6749 2.3.1: both are form-encoded first
    authorization = "Basic " + to_base64(percent_encode(settings_.client_id) + ":" +
                                         percent_encode(settings_.client_secret));
  }
  auto form = to_form(fields);
  co_return co_await post_form(http_, known->token_endpoint, std::move(form), std::move(authorization));
}

Task<boost::json::object> OpenIdProvider::add_user_info(MetadataSnapshot known, std::string access_token,
                                                        boost::json::object claims) {
  if (access_token.empty() || known->userinfo_endpoint.empty()) co_return claims;
  CO_TRY(auto info, co_await fetch_json(http_, known->userinfo_endpoint, std::move(access_token)));
  // Core 5.3.2: without this check it could be another person's.
  if (text_member(info, "sub") != text_member(claims, "sub")) co_return oauth_failed("user info: sub");
  for (const char* name : {"email", "email_verified", "name", "preferred_username"}) {
    if (const auto* value = info.if_contains(name)) claims[name] = *value;
  }
  co_return claims;
}

Task<ForeignIdentity> OpenIdProvider::identify(CodeGrant grant) {
  CO_TRY(auto known, co_await metadata());
  if (grant.issuer ? *grant.issuer != known->issuer : known->names_issuer) {
    co_return oauth_failed("the code is another issuer's");
  }
  IdTokenRules rules{
      .issuer = known->issuer, .client_id = settings_.client_id, .nonce = grant.nonce, .now = WallTime()};
  CO_TRY(auto answer, co_await exchange(known, std::move(grant)));
  auto id_token = text_member(answer, "id_token");
  if (id_token.empty()) co_return oauth_failed("no ID token");
  CO_TRY(auto payload, co_await keys_.verify(std::move(id_token), known->jwks_uri));
  rules.now = clock_.now();
  CO_TRY(auto claims, check_id_token(payload, rules));
  if (!claims.contains("email")) {
    auto access_token = text_member(answer, "access_token");
    auto complete = co_await add_user_info(known, std::move(access_token), std::move(claims));
    if (complete.has_error()) co_return std::move(complete).error();
    claims = *std::move(complete);
  }
  co_return ForeignIdentity{.issuer = known->issuer,
                            .subject = text_member(claims, "sub"),
                            .email = text_member(claims, "email"),
                            .email_verified = is_true(claims, "email_verified"),
                            .username = text_member(claims, "preferred_username"),
                            .display_name = text_member(claims, "name")};
}

}  // namespace relay
