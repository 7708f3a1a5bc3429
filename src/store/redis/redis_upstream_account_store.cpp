#include "store/redis/redis_upstream_account_store.h"

#include "store/redis/redis_reading.h"
#include "text/lines.h"

namespace relay {
namespace {

const RedisScript& upstream_account_script() {
  static const RedisScript made = store_script("upstream_account_store.lua");
  return made;
}

Result<StoredAccount> to_account(const RedisReply& reply) {
  StoredAccount account;
  std::string provider, models, model_map, dialect, groups;
  RedisRow row(reply);
  row.into("id", account.id).into("name", account.name).into("provider", provider);
  row.into("base_url", account.base_url).into("sealed_credential", account.sealed.credential);
  row.into("credential_hint", account.credential_hint);
  row.into("sealed_proxy_password", account.sealed.proxy_password);
  row.into("priority", account.share.priority).into("weight", account.share.weight);
  row.into("concurrency", account.share.concurrency).into("models", models).into("model_map", model_map);
  row.into("dialect", dialect).into("account_groups", groups).into("proxy", account.proxy);
  row.into("daily_spend_cap_nano_usd", account.daily_spend_cap).into("enabled", account.enabled);
  row.into("created_at_ms", account.created_at).into("updated_at_ms", account.updated_at);
  CHECK(row.check());
  CHECK(set_parsed(account, {.provider = provider,
                             .models = models,
                             .model_map = model_map,
                             .dialect = dialect,
                             .groups = groups}));
  return account;
}

RedisFields to_fields(const StoredAccount& account) {
  RedisFields out;
  out.set("id", account.id).set("name", account.name).set("provider", to_string(account.provider));
  out.set("base_url", account.base_url).set("sealed_credential", account.sealed.credential);
  out.set("credential_hint", account.credential_hint);
  out.set("sealed_proxy_password", account.sealed.proxy_password);
  out.set("priority", account.share.priority).set("weight", account.share.weight);
  out.set("concurrency", account.share.concurrency).set("models", account.models.to_text());
  out.set("model_map", account.model_map.to_text()).set("dialect", to_account_dialect(account.dialect));
  out.set("account_groups", join_lines(account.groups)).set("proxy", account.proxy);
  out.set("daily_spend_cap_nano_usd", account.daily_spend_cap).set("enabled", account.enabled);
  out.set("created_at_ms", account.created_at).set("updated_at_ms", account.updated_at);
  return out;
}

RedisFields to_fields(const StoredAccountChanges& changes, WallTime now) {
  RedisFields out;
  out.set_if("name", changes.name).set_if("base_url", changes.base_url);
  out.set_if("sealed_credential", changes.sealed_credential);
  out.set_if("credential_hint", changes.credential_hint);
  out.set_if("sealed_proxy_password", changes.sealed_proxy_password);
  out.set_if("priority", changes.priority).set_if("weight", changes.weight);
  out.set_if("concurrency", changes.concurrency);
  if (changes.models) out.set("models", changes.models->to_text());
  if (changes.model_map) out.set("model_map", changes.model_map->to_text());
  if (changes.dialect) out.set("dialect", to_account_dialect(*changes.dialect));
  if (changes.groups) out.set("account_groups", join_lines(*changes.groups));
  out.set_if("proxy", changes.proxy).set_if("daily_spend_cap_nano_usd", changes.daily_spend_cap);
  out.set_if("enabled", changes.enabled).set("updated_at_ms", now);
  return out;
}

}  // namespace

Task<std::vector<StoredAccount>> RedisUpstreamAccountStore::list() {
  return read_list(database_, upstream_account_script(), RedisWords("list"), place_before_all(), kAllRows,
                   to_account);
}

Task<StoredAccount> RedisUpstreamAccountStore::find(std::string id) {
  return read_one(database_, upstream_account_script(), RedisWords("find").add(std::move(id)), to_account);
}

Task<> RedisUpstreamAccountStore::insert(StoredAccount account) {
  RedisWords words("insert");
  words.add(to_fields(account)).add(static_cast<std::int64_t>(kStoredAccountsMax));
  return database_.perform(upstream_account_script(), std::move(words));
}

Task<StoredAccount> RedisUpstreamAccountStore::update(std::string id, StoredAccountChanges changes,
                                                      WallTime now) {
  RedisWords words("update");
  words.add(std::move(id)).add(to_fields(changes, now));
  return read_one(database_, upstream_account_script(), std::move(words), to_account);
}

Task<bool> RedisUpstreamAccountStore::reseal(std::string id, AccountSecrets before, AccountSecrets after) {
  RedisFields changes;
  changes.set("sealed_credential", after.credential).set("sealed_proxy_password", after.proxy_password);
  RedisWords words("reseal");
  words.add(std::move(id)).add(before.credential).add(before.proxy_password).add(changes);
  return read_one(database_, upstream_account_script(), std::move(words), is_one);
}

Task<> RedisUpstreamAccountStore::remove(std::string id) {
  return database_.perform(upstream_account_script(), RedisWords("remove").add(std::move(id)));
}

}  // namespace relay
