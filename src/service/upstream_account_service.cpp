#include "service/upstream_account_service.h"

#include "upstream/stored_account.h"

#include <algorithm>
#include <utility>

namespace relay {
namespace {

ShownAccount shown_of_settings(const UpstreamAccount& account) {
  ShownAccount shown{.of_settings = true};
  auto& as_stored = shown.account;
  as_stored.id = account.id;
  as_stored.name = account.id;
  as_stored.provider = account.provider;
  as_stored.base_url =
      (account.address.tls ? "https://" : "http://") + account.authority + account.path_prefix;
  as_stored.credential_hint = credential_hint(account.credential);
  as_stored.share = {
      .priority = account.priority, .weight = account.weight, .concurrency = account.concurrency};
  as_stored.models = account.models;
  as_stored.dialect = account.translated_to;
  return shown;
}

// In words of an account's own, where the store only knows that something is there twice.
Error in_words(Error error) {
  if (error.kind() != ErrorKind::conflict || error.code() != "duplicate") return error;
  return Error(ErrorKind::conflict, "account_name_taken", "There is an account of this name already");
}

Error fixed_by_settings() {
  return Error(ErrorKind::conflict, "account_of_settings",
               "The account is set by the environment: change the settings, and start the relay again");
}

}  // namespace

std::optional<ShownAccount> UpstreamAccountService::of_settings(const std::string& id) const {
  const auto& all = parts_.refresh.of_settings();
  const auto found = std::ranges::find(all, id, &UpstreamAccount::id);
  if (found == all.end()) return std::nullopt;
  return shown_of_settings(*found);
}

ShownAccount UpstreamAccountService::shown(StoredAccount account) const {
  ShownAccount shown{.account = std::move(account)};
  const auto faults = parts_.refresh.faults();
  const auto fault = std::ranges::find(faults, shown.account.id, &AccountFault::id);
  if (fault != faults.end()) shown.fault = fault->words;
  return shown;
}

Task<std::vector<ShownAccount>> UpstreamAccountService::list() {
  CO_TRY(auto accounts, co_await parts_.accounts.list());
  std::vector<ShownAccount> all;
  for (const auto& account : parts_.refresh.of_settings()) all.push_back(shown_of_settings(account));
  for (auto& account : accounts) all.push_back(shown(std::move(account)));
  co_return all;
}

Task<ShownAccount> UpstreamAccountService::find(std::string id) {
  if (auto fixed = of_settings(id)) co_return *std::move(fixed);
  CO_TRY(auto account, co_await parts_.accounts.find(std::move(id)));
  co_return shown(std::move(account));
}

Task<ShownAccount> UpstreamAccountService::create(Actor admin, AccountDraft draft) {
  CO_TRY(auto account, make_account(draft, parts_.box, parts_.clock.now(), parts_.random));
  auto base_url = account.base_url;
  auto proxy = account.proxy;
  CO_CHECK(co_await check_account_places(std::move(base_url), std::move(proxy), parts_.allow_private));
  if (auto put = co_await parts_.accounts.insert(account); put.has_error()) {
    co_return in_words(std::move(put).error());
  }
  AuditDetails details{{"name", account.name},
                       {"provider", std::string(to_string(account.provider))},
                       {"baseUrl", account.base_url}};
  auto id = account.id;
  CO_CHECK(co_await tell(audit_action::kAccountCreated, std::move(admin), std::move(id), std::move(details)));
  co_return shown(std::move(account));
}

Task<ShownAccount> UpstreamAccountService::update(Actor admin, std::string id, AccountDraft draft) {
  if (of_settings(id)) co_return fixed_by_settings();
  CO_TRY(auto before, co_await parts_.accounts.find(id));
  CO_TRY(auto changes, to_account_changes(before, draft, parts_.box, parts_.random));
  auto base_url = changes.base_url.value_or("");
  auto proxy = changes.proxy.value_or("");
  CO_CHECK(co_await check_account_places(std::move(base_url), std::move(proxy), parts_.allow_private));
  auto updated = co_await parts_.accounts.update(id, std::move(changes), parts_.clock.now());
  if (updated.has_error()) co_return in_words(std::move(updated).error());
  AuditDetails details{{"name", updated->name}, {"changed", fields_of(draft)}};
  CO_CHECK(co_await tell(audit_action::kAccountUpdated, std::move(admin), std::move(id), std::move(details)));
  co_return shown(*std::move(updated));
}

Task<> UpstreamAccountService::remove(Actor admin, std::string id) {
  if (of_settings(id)) co_return fixed_by_settings();
  CO_TRY(auto account, co_await parts_.accounts.find(id));
  CO_CHECK(co_await parts_.accounts.remove(id));
  AuditDetails details{{"name", account.name}};
  co_return co_await tell(audit_action::kAccountRemoved, std::move(admin), std::move(id), std::move(details));
}

Task<AccountTrial> UpstreamAccountService::try_out(std::string id) {
  const auto& fixed = parts_.refresh.of_settings();
  const auto found = std::ranges::find(fixed, id, &UpstreamAccount::id);
  if (found != fixed.end()) {
    auto account = *found;
    co_return co_await parts_.ask_provider(std::move(account));
  }
  CO_TRY(auto stored, co_await parts_.accounts.find(std::move(id)));
  auto ready = open_account(stored, parts_.box, parts_.allow_private);
  if (ready.has_error()) {
    co_return AccountTrial{.words = words_of_fault(ready.error())};
  }
  co_return co_await parts_.ask_provider(*std::move(ready));
}

Task<> UpstreamAccountService::tell(std::string_view action, Actor admin, std::string id,
                                    AuditDetails details) {
  // What can't be read again now is read by the refresh, which hears of it like everybody.
  static_cast<void>(co_await parts_.refresh.reload());
  parts_.invalidation.accounts_changed();
  AuditAct act{.action = action, .actor_kind = AuditActor::admin, .actor_id = std::move(admin.user_id)};
  act.target = std::move(id);
  act.details = std::move(details);
  co_return co_await parts_.audit.record(std::move(act), std::move(admin.device));
}

}  // namespace relay
