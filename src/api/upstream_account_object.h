// An account at a provider as the admin API shows it and takes it.
#pragma once

#include "json/binding.h"
#include "service/upstream_account_service.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace relay {

struct UpstreamAccountObject {
  std::string id;
  std::string name;
  std::string source;  // store, settings
  std::string provider;
  std::string base_url;
  std::optional<std::string> credential_hint;
  std::int64_t priority = 0;
  std::int64_t weight = 0;
  std::optional<std::int64_t> concurrency;  // null: no limit
  std::vector<std::string> models;
  boost::json::object model_map;
  std::string dialect;
  std::vector<std::string> groups;
  std::optional<std::string> proxy;            // without its password
  std::optional<std::string> daily_spend_cap;  // USD as a decimal
  bool enabled = true;
  std::optional<std::string> fault;
  std::optional<WallTime> created_at;  // null: of the settings
  std::optional<WallTime> updated_at;
};
BOOST_DESCRIBE_STRUCT(UpstreamAccountObject, (),
                      (id, name, source, provider, base_url, credential_hint, priority, weight, concurrency,
                       models, model_map, dialect, groups, proxy, daily_spend_cap, enabled, fault, created_at,
                       updated_at))

UpstreamAccountObject to_upstream_account_object(const ShownAccount& shown);

/// What POST and PUT take. A field that is absent stays as it is (or as a new account has it); of those that
/// may be null, null is none.
struct UpstreamAccountFields {
  std::optional<std::string> name;
  std::optional<std::string> provider;
  std::optional<std::string> base_url;
  std::optional<std::string> credential;
  std::optional<std::int64_t> priority;
  std::optional<std::int64_t> weight;
  Patch<std::int64_t> concurrency;
  std::optional<std::vector<std::string>> models;
  std::optional<boost::json::object> model_map;
  std::optional<std::string> dialect;
  std::optional<std::vector<std::string>> groups;
  Patch<std::string> proxy;
  Patch<std::string> daily_spend_cap;
  std::optional<bool> enabled;
};
BOOST_DESCRIBE_STRUCT(UpstreamAccountFields, (),
                      (name, provider, base_url, credential, priority, weight, concurrency, models, model_map,
                       dialect, groups, proxy, daily_spend_cap, enabled))

/// validation "account_invalid", "amount_invalid".
Result<AccountDraft> to_account_draft(UpstreamAccountFields fields);

struct AccountTrialObject {
  bool passed = false;
  std::optional<std::int64_t> status;
  std::string result;
};
BOOST_DESCRIBE_STRUCT(AccountTrialObject, (), (passed, status, result))

}  // namespace relay
