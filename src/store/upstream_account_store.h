// Where the accounts at the providers are kept. Implementations: store/sql, store/redis. Contract:
// tests/store/.
#pragma once

#include "async/task.h"
#include "domain/upstream_account.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// The fields that are set are changed, the others stay.
struct StoredAccountChanges {
  std::optional<std::string> name{};
  std::optional<std::string> base_url{};
  std::optional<std::string> sealed_credential{};
  std::optional<std::string> credential_hint{};
  std::optional<std::int64_t> priority{};
  std::optional<std::int64_t> weight{};
  std::optional<std::int64_t> concurrency{};
  std::optional<ModelPatterns> models{};
  std::optional<ModelMap> model_map{};
  std::optional<WireDialect> dialect{};
  std::optional<std::vector<std::string>> groups{};
  std::optional<std::string> proxy{};
  std::optional<std::string> sealed_proxy_password{};
  std::optional<std::optional<NanoUsd>> daily_spend_cap{};  // set to an empty one: no cap
  std::optional<bool> enabled{};
};

/// The columns of a row that have rules, for the implementations.
struct StoredAccountTexts {
  std::string_view provider;
  std::string_view models;
  std::string_view model_map;
  std::string_view dialect;
  std::string_view groups;
};
/// internal "store_failed" for a text that no account has.
Result<> set_parsed(StoredAccount& account, const StoredAccountTexts& texts);

/// limit_exceeded "account_limit_reached".
Error too_many_accounts();

/// The store sees sealed secrets only: opening and sealing is the caller's.
/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class UpstreamAccountStore {
 public:
  virtual ~UpstreamAccountStore() = default;

  /// Every account, in the order in which they were made.
  virtual Task<std::vector<StoredAccount>> list() = 0;

  /// not_found "account_unknown".
  virtual Task<StoredAccount> find(std::string id) = 0;

  /// conflict "duplicate" when an account with the id or the name is there; limit_exceeded
  /// "account_limit_reached" when there are kStoredAccountsMax.
  virtual Task<> insert(StoredAccount account) = 0;

  /// The account after the change. not_found "account_unknown"; conflict "duplicate" for the name of another.
  virtual Task<StoredAccount> update(std::string id, StoredAccountChanges changes, WallTime now) = 0;

  /// The same secrets under another key. False, and nothing is changed, where they are not `before` any more:
  /// somebody has changed them since, or the account is gone. Its time of change stays.
  virtual Task<bool> reseal(std::string id, AccountSecrets before, AccountSecrets after) = 0;

  /// not_found "account_unknown".
  virtual Task<> remove(std::string id) = 0;
};

}  // namespace relay
