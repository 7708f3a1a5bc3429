// An account at a provider as it is stored: the credential sealed, and how calls are spread over it.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "domain/model_pattern.h"
#include "domain/money.h"
#include "domain/provider.h"
#include "domain/usage_record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace relay {

/// How many accounts a store takes: their list is one page, and every node holds all of them.
inline constexpr std::size_t kStoredAccountsMax = 1000;

/// Models that an account has under another name: what is asked for, and what the provider is asked for.
class ModelMap {
 public:
  using Names = std::vector<std::pair<std::string, std::string>>;
  ModelMap() = default;

  /// At most 100 names, each of 1 to 200 visible ASCII characters, no asked one twice; validation on
  /// `modelMap` else.
  static Result<ModelMap> parse(Names names);
  /// From what to_text wrote; internal for anything else.
  static Result<ModelMap> from_store(std::string_view text);
  std::string to_text() const;

  /// In the order of the names that are asked for.
  const Names& names() const { return names_; }
  friend bool operator==(const ModelMap&, const ModelMap&) = default;

 private:
  explicit ModelMap(Names names) : names_(std::move(names)) {}
  Names names_;
};

/// 1 to 64 of a-z, 0-9, '-', '_' and '.'; validation on `field` else.
Result<std::string> parse_account_group(std::string_view text, const std::string& field);
/// At most 20 of them, put in order, none twice; validation on `groups`.
Result<std::vector<std::string>> parse_account_groups(const std::vector<std::string>& texts);
/// 1 to 100 characters, none a control character, none at either end a space; validation on `name`.
Result<std::string> parse_account_name(std::string_view text);
/// 1 to 8192 visible ASCII characters: it stands in a header. validation on `credential`.
Result<std::string> parse_account_credential(std::string_view text);
/// The end of a credential that people tell them apart by: 4 characters, none of a short one.
std::string credential_hint(std::string_view credential);

/// How calls are spread over accounts.
struct AccountShare {
  std::int64_t priority = 0;     // 0 to 1000; accounts with the lowest serve while they can
  std::int64_t weight = 100;     // 1 to 1000: the share among those of one priority
  std::int64_t concurrency = 0;  // calls at one time, 0 to 1'000'000; 0: no limit

  /// validation, every wrong field named.
  Result<> check() const;
  friend bool operator==(const AccountShare&, const AccountShare&) = default;
};

/// Secrets as SealedBox records, bound to the account's id. The password of a proxy is empty where it has
/// none.
struct AccountSecrets {
  std::string credential{};
  std::string proxy_password{};
  friend bool operator==(const AccountSecrets&, const AccountSecrets&) = default;
};

struct StoredAccount {
  std::string id{};    // "upa_…"
  std::string name{};  // no two have the same
  Provider provider = Provider::anthropic;
  std::string base_url{};
  AccountSecrets sealed{};
  std::string credential_hint{};
  AccountShare share{};
  ModelPatterns models{};  // that it is known to have; none: nothing is known
  ModelMap model_map{};
  /// What calls of the other provider's dialects become here.
  WireDialect dialect = WireDialect::anthropic_messages;
  std::vector<std::string> groups{};         // whose keys it serves; none: those without a group
  std::string proxy{};                       // the URL without its password; empty: none
  std::optional<NanoUsd> daily_spend_cap{};  // by UTC days
  bool enabled = true;
  WallTime created_at{};
  WallTime updated_at{};
  friend bool operator==(const StoredAccount&, const StoredAccount&) = default;
};

/// What a record is sealed for (SealedBox::seal): in another account's place it does not open.
std::string credential_purpose(std::string_view account_id);
std::string proxy_password_purpose(std::string_view account_id);

/// The words of OPENAI_DIALECT: "responses", "chat"; "messages" for Anthropic's.
std::string_view to_account_dialect(WireDialect dialect);
/// Of those that `provider` has; validation on `dialect` else.
Result<WireDialect> parse_account_dialect(std::string_view text, Provider provider);

}  // namespace relay
