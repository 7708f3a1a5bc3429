// What somebody wants an account at a provider to be, and what becomes of it: for the admin API and the
// command line.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "crypto/sealed_box.h"
#include "store/upstream_account_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace relay {

/// Fields that are not set stay as they are, or as a new account has them. Holds secrets in clear text.
struct AccountDraft {
  std::optional<std::string> name{};
  std::optional<std::string> provider{};  // of a new one only
  std::optional<std::string> base_url{};
  std::optional<std::string> credential{};
  std::optional<std::int64_t> priority{};
  std::optional<std::int64_t> weight{};
  std::optional<std::int64_t> concurrency{};
  std::optional<std::vector<std::string>> models{};
  std::optional<ModelMap::Names> model_map{};
  std::optional<std::string> dialect{};
  std::optional<std::vector<std::string>> groups{};
  std::optional<std::string> proxy{};  // empty: none
  std::optional<std::optional<NanoUsd>> daily_spend_cap{};
  std::optional<bool> enabled{};
};

/// A new account with its secrets sealed. Without a base URL it has the provider's own, without models those
/// that the settings of that provider have by default. validation with every wrong field named.
Result<StoredAccount> make_account(const AccountDraft& draft, const SealedBox& box, WallTime now,
                                   Random& random);

/// validation with every wrong field named; of a provider too: an account stays where it is.
Result<StoredAccountChanges> to_account_changes(const StoredAccount& before, const AccountDraft& draft,
                                                const SealedBox& box, Random& random);

/// That neither the base URL nor the proxy is in our own network: passes at once when `allow_private`, or for
/// what is empty. A name that has no address passes too. validation "address_not_public" on the field.
Task<> check_account_places(std::string base_url, std::string proxy, bool allow_private);

/// The names of what a draft sets, as the API has them, between commas: for the audit trail.
std::string fields_of(const AccountDraft& draft);

}  // namespace relay
