#include "api/upstream_account_object.h"

#include "api/object_values.h"
#include "domain/budget.h"

#include <utility>

namespace relay {
namespace {

Result<ModelMap::Names> to_model_names(const boost::json::object& object) {
  ModelMap::Names names;
  for (const auto& [asked, own] : object) {
    const auto* text = own.if_string();
    if (text == nullptr) {
      return Error(ErrorKind::validation, "account_invalid", "The account is not valid")
          .on_field("modelMap", "must have names of models as its values");
    }
    names.emplace_back(std::string(asked), std::string(*text));
  }
  return names;
}

}  // namespace

UpstreamAccountObject to_upstream_account_object(const ShownAccount& shown) {
  const auto& account = shown.account;
  UpstreamAccountObject object;
  object.id = account.id;
  object.name = account.name;
  object.source = shown.of_settings ? "settings" : "store";
  object.provider = to_string(account.provider);
  object.base_url = account.base_url;
  object.credential_hint = unless_empty(account.credential_hint);
  object.priority = account.share.priority;
  object.weight = account.share.weight;
  object.concurrency = unless_zero(account.share.concurrency);
  object.models = account.models.patterns();
  for (const auto& [asked, own] : account.model_map.names()) object.model_map[asked] = own;
  object.dialect = to_account_dialect(account.dialect);
  object.groups = account.groups;
  object.proxy = unless_empty(account.proxy);
  if (account.daily_spend_cap) object.daily_spend_cap = to_usd(*account.daily_spend_cap);
  object.enabled = account.enabled;
  object.fault = unless_empty(shown.fault);
  if (shown.of_settings) return object;
  object.created_at = account.created_at;
  object.updated_at = account.updated_at;
  return object;
}

Result<AccountDraft> to_account_draft(UpstreamAccountFields fields) {
  AccountDraft draft{.name = std::move(fields.name),
                     .provider = std::move(fields.provider),
                     .base_url = std::move(fields.base_url),
                     .credential = std::move(fields.credential),
                     .priority = fields.priority,
                     .weight = fields.weight,
                     .models = std::move(fields.models),
                     .dialect = std::move(fields.dialect),
                     .groups = std::move(fields.groups),
                     .enabled = fields.enabled};
  if (fields.concurrency.present) draft.concurrency = fields.concurrency.value.value_or(0);
  if (fields.proxy.present) draft.proxy = std::move(fields.proxy.value).value_or("");
  if (fields.model_map) {
    TRY(draft.model_map, to_model_names(*fields.model_map));
  }
  if (fields.daily_spend_cap.clears()) draft.daily_spend_cap.emplace(std::nullopt);
  if (fields.daily_spend_cap.sets()) {
    TRY(draft.daily_spend_cap, parse_usd(*fields.daily_spend_cap.value, "dailySpendCap"));
  }
  return draft;
}

}  // namespace relay
