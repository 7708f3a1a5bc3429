#include "upstream/account.h"

#include <algorithm>

namespace relay {
namespace {

Error bad_url(const std::string& setting, const std::string& why) {
  return Error(ErrorKind::validation, "base_url_invalid", setting + " is not a usable URL: " + why)
      .on_field(setting, why);
}

bool is_visible_ascii(char c) { return c > 0x20 && c < 0x7f; }

}  // namespace

Result<UpstreamAccount> UpstreamAccount::from_settings(std::string id, Provider provider,
                                                       std::string_view base_url, std::string credential,
                                                       const std::string& setting) {
  auto rest = base_url;
  bool tls = true;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    tls = false;
  } else {
    return bad_url(setting, "it must begin with https:// or http://");
  }
  if (!std::ranges::all_of(rest, is_visible_ascii))
    return bad_url(setting, "it has a space or a control character");
  if (rest.find_first_of("?#@") != std::string_view::npos)
    return bad_url(setting, "it may not have ?, # or @");

  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  auto prefix = rest.substr(slash);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (prefix.ends_with("/v1")) prefix.remove_suffix(3);

  auto host = authority;
  std::string_view port = tls ? "443" : "80";
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (host.empty()) return bad_url(setting, "the host is missing");
  if (port.empty() || port.size() > 5 || !std::ranges::all_of(port, is_digit))
    return bad_url(setting, "the port is not a number");

  UpstreamAccount account;
  account.id = std::move(id);
  account.provider = provider;
  account.address = {.host = std::string(host), .port = std::string(port), .tls = tls, .pool_key = {}};
  account.address.pool_key = UpstreamAddress::make_pool_key(account.address.host, account.address.port, tls);
  account.authority = std::string(authority);
  account.path_prefix = std::string(prefix);
  account.credential = std::move(credential);
  if (provider == Provider::openai) account.translated_to = WireDialect::openai_responses;
  return account;
}

bool UpstreamAccount::serves(std::string_view group) const {
  if (group.empty()) return groups.empty();
  return std::ranges::find(groups, group) != groups.end();
}

void UpstreamAccount::append_credential(std::string& head) const {
  if (credential.empty()) return;
  // Anthropic's OAuth tokens are bearers, its API keys are not.
  const bool is_bearer = provider == Provider::openai || credential.starts_with("sk-ant-oat");
  head.append(is_bearer ? "authorization: Bearer " : "x-api-key: ").append(credential).append("\r\n");
}

}  // namespace relay
