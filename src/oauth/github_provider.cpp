#include "oauth/github_provider.h"

#include "oauth/oauth_messages.h"

#include <boost/json/parse.hpp>

namespace relay {

Task<std::string> GitHubProvider::authorize_url(AuthorizeRequest request) {
  const OAuthFields fields{{"response_type", "code"},
                           {"client_id", settings_.client_id},
                           {"redirect_uri", std::move(request.redirect_uri)},
                           {"scope", "read:user user:email"},
                           {"state", std::move(request.state)},
                           {"code_challenge", std::move(request.code_challenge)},
                           {"code_challenge_method", "S256"}};
  co_return with_query(settings_.url + "/login/oauth/authorize", fields);
}

Task<std::string> GitHubProvider::exchange(CodeGrant grant) {
  const OAuthFields fields{{"grant_type", "authorization_code"},
                           {"client_id", settings_.client_id},
                           {"client_secret", settings_.client_secret},
                           {"code", std::move(grant.code)},
                           {"redirect_uri", std::move(grant.redirect_uri)},
                           {"code_verifier", std::move(grant.code_verifier)}};
  auto form = to_form(fields);
  CO_TRY(auto answer,
         co_await post_form(http_, settings_.url + "/login/oauth/access_token", std::move(form), ""));
  // A refusal is a 200 with an "error".
  auto token = text_member(answer, "access_token");
  if (token.empty()) co_return oauth_failed("GitHub: " + text_member(answer, "error"));
  co_return token;
}

Task<std::string> GitHubProvider::verified_email(std::string access_token) {
  FetchRequest request{
      .url = settings_.api_url + "/user/emails",
      .headers = {{"Accept", "application/vnd.github+json"}, {"Authorization", "Bearer " + access_token}}};
  auto answer = co_await http_.fetch(std::move(request));
  if (answer.has_error()) co_return oauth_unavailable(answer.error());
  if (answer->status != 200) co_return oauth_failed("GitHub's addresses: " + std::to_string(answer->status));
  boost::system::error_code failure;
  const auto list = boost::json::parse(answer->body, failure);
  if (failure || !list.is_array()) co_return oauth_failed("GitHub's addresses are no list");
  for (const auto& entry : list.get_array()) {
    const auto* address = entry.if_object();
    if (address == nullptr) continue;
    const auto is_true = [&](const char* name) {
      const auto* value = address->if_contains(name);
      return value != nullptr && value->is_bool() && value->get_bool();
    };
    if (is_true("primary") && is_true("verified")) co_return text_member(*address, "email");
  }
  co_return std::string();
}

Task<ForeignIdentity> GitHubProvider::identify(CodeGrant grant) {
  CO_TRY(auto token, co_await exchange(std::move(grant)));
  CO_TRY(auto user, co_await fetch_json(http_, settings_.api_url + "/user", token));
  const auto* number = user.if_contains("id");
  if (number == nullptr || !number->is_int64()) co_return oauth_failed("GitHub names no user");
  CO_TRY(auto email, co_await verified_email(std::move(token)));
  const bool verified = !email.empty();
  co_return ForeignIdentity{.issuer = settings_.url,
                            .subject = std::to_string(number->get_int64()),
                            .email = std::move(email),
                            .email_verified = verified,
                            .username = text_member(user, "login"),
                            .display_name = text_member(user, "name")};
}

}  // namespace relay
