#include "upstream/stored_account.h"

#include "net/upstream_proxy.h"

#include <memory>

namespace relay {
namespace {

std::string with_password(const std::string& shown, const std::string& password) {
  if (password.empty()) return shown;
  auto url = shown;
  const auto at = url.rfind('@');
  return at == std::string::npos ? url : url.insert(at, ":" + password);
}

}  // namespace

ProxyParts take_password_out(std::string_view proxy_url) {
  const auto scheme = proxy_url.find("://");
  const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto at = proxy_url.rfind('@');
  if (at == std::string_view::npos || at < begin) return {.shown = std::string(proxy_url)};
  const auto colon = proxy_url.find(':', begin);
  if (colon == std::string_view::npos || colon > at) return {.shown = std::string(proxy_url)};
  return {.shown = std::string(proxy_url.substr(0, colon)) + std::string(proxy_url.substr(at)),
          .password = std::string(proxy_url.substr(colon + 1, at - colon - 1))};
}

Result<AccountSecrets> seal_secrets(const AccountSecrets& plain, const std::string& account_id,
                                    const SealedBox& box, Random& random) {
  AccountSecrets sealed;
  TRY(sealed.credential, box.seal(plain.credential, credential_purpose(account_id), random));
  if (plain.proxy_password.empty()) return sealed;
  TRY(sealed.proxy_password, box.seal(plain.proxy_password, proxy_password_purpose(account_id), random));
  return sealed;
}

Result<AccountSecrets> open_secrets(const StoredAccount& account, const SealedBox& box) {
  AccountSecrets plain;
  TRY(plain.credential, box.open(account.sealed.credential, credential_purpose(account.id)));
  if (account.sealed.proxy_password.empty()) return plain;
  TRY(plain.proxy_password, box.open(account.sealed.proxy_password, proxy_password_purpose(account.id)));
  return plain;
}

Result<UpstreamAccount> open_account(const StoredAccount& account, const SealedBox& box, bool allow_private) {
  TRY(auto secrets, open_secrets(account, box));
  TRY(auto ready, UpstreamAccount::from_settings(account.id, account.provider, account.base_url,
                                                 std::move(secrets.credential), "baseUrl"));
  ready.models = account.models;
  if (account.provider == Provider::openai) ready.translated_to = account.dialect;
  for (const auto& [asked, own] : account.model_map.names()) ready.model_map.emplace(asked, own);
  ready.priority = static_cast<int>(account.share.priority);
  ready.weight = static_cast<int>(account.share.weight);
  ready.concurrency = static_cast<int>(account.share.concurrency);
  ready.groups = account.groups;
  ready.daily_spend_cap = account.daily_spend_cap;
  if (!account.proxy.empty()) {
    ready.proxy_url = with_password(account.proxy, secrets.proxy_password);
    TRY(auto proxy, UpstreamProxy::parse(ready.proxy_url, "proxy"));
    ready.address.go_through(std::make_shared<const UpstreamProxy>(std::move(proxy)));
  }
  if (!allow_private) ready.address.require_public();
  return ready;
}

}  // namespace relay
