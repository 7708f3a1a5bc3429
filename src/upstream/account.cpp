#include "upstream/account.h"

#include "upstream/base_url.h"

#include <algorithm>

namespace relay {

Result<UpstreamAccount> UpstreamAccount::from_settings(std::string id, Provider provider,
                                                       std::string_view base_url, std::string credential,
                                                       const std::string& setting) {
  TRY(auto url, BaseUrl::parse(base_url, setting));
  UpstreamAccount account;
  account.id = std::move(id);
  account.provider = provider;
  account.address = {
      .host = std::move(url.host), .port = std::move(url.port), .tls = url.tls, .pool_key = {}};
  account.address.pool_key =
      UpstreamAddress::make_pool_key(account.address.host, account.address.port, url.tls);
  account.authority = std::move(url.authority);
  account.path_prefix = std::move(url.path_prefix);
  account.credential = std::move(credential);
  if (provider == Provider::openai) account.translated_to = WireDialect::openai_responses;
  return account;
}

bool UpstreamAccount::serves(std::string_view group) const {
  if (group.empty()) return groups.empty();
  return std::ranges::find(groups, group) != groups.end();
}

void UpstreamAccount::append_credential(std::string& head) const {
  using namespace std::string_view_literals;
  if (credential.empty()) return;
  // Anthropic's OAuth tokens are bearers, its API keys are not.
  const bool is_bearer = provider == Provider::openai || credential.starts_with("sk-ant-oat");
  head.append(is_bearer ? "authorization: Bearer "sv : "x-api-key: "sv).append(credential).append("\r\n"sv);
}

}  // namespace relay
