#include "coordination/invalidation.h"

namespace relay {
namespace {

constexpr std::string_view kKey = "key";
constexpr std::string_view kUser = "user";
constexpr std::string_view kSession = "session";
constexpr std::string_view kPlan = "plan";
constexpr std::string_view kPrices = "prices";
constexpr std::string_view kAccounts = "accounts";

}  // namespace

void Invalidation::key_changed(const ApiKeyHash& hash) {
  for (auto* listener : listeners_) listener->key_changed(hash);
  tell_others(kKey, hash.hex());
}

void Invalidation::hashes_changed(const ApiKey& key) {
  key_changed(key.hash);
  if (key.retiring) key_changed(key.retiring->hash);
}

void Invalidation::user_changed(const std::string& user_id) {
  hear(kUser, user_id);
  tell_others(kUser, user_id);
}

void Invalidation::session_ended(const std::string& session_id) {
  hear(kSession, session_id);
  tell_others(kSession, session_id);
}

void Invalidation::plan_changed(const std::string& plan_id) {
  hear(kPlan, plan_id);
  tell_others(kPlan, plan_id);
}

void Invalidation::prices_changed() {
  hear(kPrices, "");
  tell_others(kPrices, "");
}

void Invalidation::accounts_changed() {
  hear(kAccounts, "");
  tell_others(kAccounts, "");
}

void Invalidation::hear(std::string_view kind, const std::string& value) {
  if (kind == kKey) {
    const auto hash = ApiKeyHash::from_store(value);
    if (hash.has_error()) return hear_anything();
    for (auto* listener : listeners_) listener->key_changed(*hash);
  } else if (kind == kUser) {
    for (auto* listener : listeners_) listener->user_changed(value);
  } else if (kind == kSession) {
    for (auto* listener : listeners_) listener->session_ended(value);
  } else if (kind == kPlan) {
    for (auto* listener : listeners_) listener->plan_changed(value);
  } else if (kind == kPrices) {
    for (auto* listener : listeners_) listener->prices_changed();
  } else if (kind == kAccounts) {
    for (auto* listener : listeners_) listener->accounts_changed();
  } else {
    hear_anything();
  }
}

void Invalidation::hear_anything() {
  for (auto* listener : listeners_) listener->anything_changed();
}

}  // namespace relay
