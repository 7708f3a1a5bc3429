#include "service/account_draft.h"

#include "domain/identifier.h"
#include "net/public_host.h"
#include "net/upstream_proxy.h"
#include "upstream/stored_account.h"

namespace relay {
namespace {

constexpr std::size_t kUrlBytesMax = 2048;

const char* default_url(Provider provider) {
  return provider == Provider::anthropic ? "https://api.anthropic.com" : "https://api.openai.com";
}

// As ANTHROPIC_MODELS and OPENAI_MODELS: without them no call of the other dialects would be translated.
std::vector<std::string> default_models(Provider provider) {
  if (provider == Provider::anthropic) return {"claude*"};
  return {"gpt*", "chatgpt*", "codex*", "o1*", "o3*", "o4*"};
}

// Reads on after a wrong field, so that all of them are named.
class DraftProblems {
 public:
  template <class T>
  std::optional<T> take(Result<T> parsed) {
    if (parsed.has_value()) return *std::move(parsed);
    refuse(parsed.error());
    return std::nullopt;
  }
  void refuse(const Error& error) {
    if (error.fields().empty()) error_.on_field("account", error.message());
    for (const auto& [field, message] : error.fields()) error_.on_field(field, message);
  }
  void refuse(const char* field, const char* words) { error_.on_field(field, words); }
  Result<> outcome() && {
    if (error_.fields().empty()) return ok;
    return std::move(error_);
  }

 private:
  Error error_{ErrorKind::validation, "account_invalid", "The account is not valid"};
};

Result<std::string> parse_base_url(const std::string& text, Provider provider) {
  if (text.size() > kUrlBytesMax) {
    return Error(ErrorKind::validation, "account_invalid", "The account is not valid")
        .on_field("baseUrl", "must have at most 2048 bytes");
  }
  TRY(const auto account, UpstreamAccount::from_settings("", provider, text, "", "baseUrl"));
  static_cast<void>(account);
  return text;
}

Result<std::string> parse_proxy(const std::string& text) {
  if (text.empty()) return text;
  if (text.size() > kUrlBytesMax) {
    return Error(ErrorKind::validation, "account_invalid", "The account is not valid")
        .on_field("proxy", "must have at most 2048 bytes");
  }
  TRY(const auto proxy, UpstreamProxy::parse(text, "proxy"));
  static_cast<void>(proxy);
  return text;
}

struct ReadDraft {
  StoredAccountChanges changes;
  AccountSecrets plain;
};

// All but provider; secrets are not sealed yet.
ReadDraft read_draft(const AccountDraft& draft, Provider provider, DraftProblems& problems) {
  ReadDraft read;
  auto& changes = read.changes;
  if (draft.name) changes.name = problems.take(parse_account_name(*draft.name));
  if (draft.base_url) changes.base_url = problems.take(parse_base_url(*draft.base_url, provider));
  if (draft.credential) {
    read.plain.credential = problems.take(parse_account_credential(*draft.credential)).value_or("");
    changes.credential_hint = credential_hint(read.plain.credential);
  }
  const AccountShare share{.priority = draft.priority.value_or(0),
                           .weight = draft.weight.value_or(1),
                           .concurrency = draft.concurrency.value_or(0)};
  if (const auto checked = share.check(); checked.has_error()) problems.refuse(checked.error());
  changes.priority = draft.priority;
  changes.weight = draft.weight;
  changes.concurrency = draft.concurrency;
  if (draft.models) changes.models = problems.take(ModelPatterns::parse(*draft.models));
  if (draft.model_map) changes.model_map = problems.take(ModelMap::parse(*draft.model_map));
  if (draft.dialect) changes.dialect = problems.take(parse_account_dialect(*draft.dialect, provider));
  if (draft.groups) changes.groups = problems.take(parse_account_groups(*draft.groups));
  if (draft.proxy) {
    auto parts = take_password_out(problems.take(parse_proxy(*draft.proxy)).value_or(""));
    changes.proxy = std::move(parts.shown);
    read.plain.proxy_password = std::move(parts.password);
  }
  changes.daily_spend_cap = draft.daily_spend_cap;
  changes.enabled = draft.enabled;
  return read;
}

Error address_not_public(const char* field) {
  return Error(ErrorKind::validation, "address_not_public", "The account's address is not public")
      .on_field(field, "may not be a private, loopback or link-local address: see ALLOW_PRIVATE_UPSTREAMS");
}

}  // namespace

Result<StoredAccount> make_account(const AccountDraft& draft, const SealedBox& box, WallTime now,
                                   Random& random) {
  DraftProblems problems;
  const auto provider = parse_provider(draft.provider.value_or(""));
  if (!provider) problems.refuse("provider", "must be anthropic or openai");
  if (!draft.name) problems.refuse("name", "is required");
  if (!draft.credential) problems.refuse("credential", "is required");
  auto [changes, plain] = read_draft(draft, provider.value_or(Provider::anthropic), problems);
  CHECK(std::move(problems).outcome());

  StoredAccount account{.id = make_identifier("upa_", now, random), .provider = *provider};
  account.name = changes.name.value_or("");
  account.base_url = changes.base_url.value_or(default_url(*provider));
  TRY(account.sealed, seal_secrets(plain, account.id, box, random));
  account.credential_hint = changes.credential_hint.value_or("");
  account.share.priority = draft.priority.value_or(account.share.priority);
  account.share.weight = draft.weight.value_or(account.share.weight);
  account.share.concurrency = draft.concurrency.value_or(account.share.concurrency);
  if (changes.models) {
    account.models = *std::move(changes.models);
  } else {
    TRY(account.models, ModelPatterns::parse(default_models(*provider)));
  }
  account.model_map = std::move(changes.model_map).value_or(ModelMap());
  const bool is_openai = *provider == Provider::openai;
  account.dialect =
      changes.dialect.value_or(is_openai ? WireDialect::openai_responses : WireDialect::anthropic_messages);
  account.groups = std::move(changes.groups).value_or(std::vector<std::string>());
  account.proxy = changes.proxy.value_or("");
  account.daily_spend_cap = changes.daily_spend_cap.value_or(std::nullopt);
  account.enabled = changes.enabled.value_or(true);
  account.created_at = now;
  account.updated_at = now;
  return account;
}

Result<StoredAccountChanges> to_account_changes(const StoredAccount& before, const AccountDraft& draft,
                                                const SealedBox& box, Random& random) {
  DraftProblems problems;
  if (draft.provider && *draft.provider != to_string(before.provider)) {
    problems.refuse("provider", "can't be changed: make another account");
  }
  auto [changes, plain] = read_draft(draft, before.provider, problems);
  CHECK(std::move(problems).outcome());
  TRY(auto sealed, seal_secrets(plain, before.id, box, random));
  if (draft.credential) changes.sealed_credential = std::move(sealed.credential);
  if (draft.proxy) changes.sealed_proxy_password = std::move(sealed.proxy_password);
  return std::move(changes);
}

Task<> check_account_places(std::string base_url, std::string proxy, bool allow_private) {
  if (allow_private) co_return ok;
  if (!base_url.empty()) {
    CO_TRY(auto account, UpstreamAccount::from_settings("", Provider::anthropic, base_url, "", "baseUrl"));
    const bool is_public = co_await is_public_host(std::move(account.address.host));
    if (!is_public) co_return address_not_public("baseUrl");
  }
  if (!proxy.empty()) {
    CO_TRY(auto by, UpstreamProxy::parse(proxy, "proxy"));
    auto host = by.host();
    const bool is_public = co_await is_public_host(std::move(host));
    if (!is_public) co_return address_not_public("proxy");
  }
  co_return ok;
}

std::string fields_of(const AccountDraft& draft) {
  std::string names;
  const auto add = [&names](bool is_set, const char* name) {
    if (is_set) names.append(names.empty() ? "" : ",").append(name);
  };
  add(draft.name.has_value(), "name");
  add(draft.base_url.has_value(), "baseUrl");
  add(draft.credential.has_value(), "credential");
  add(draft.priority.has_value(), "priority");
  add(draft.weight.has_value(), "weight");
  add(draft.concurrency.has_value(), "concurrency");
  add(draft.models.has_value(), "models");
  add(draft.model_map.has_value(), "modelMap");
  add(draft.dialect.has_value(), "dialect");
  add(draft.groups.has_value(), "groups");
  add(draft.proxy.has_value(), "proxy");
  add(draft.daily_spend_cap.has_value(), "dailySpendCap");
  add(draft.enabled.has_value(), "enabled");
  return names;
}

}  // namespace relay
