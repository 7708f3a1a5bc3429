#include "store/sql/sql_upstream_account_store.h"

#include "store/sql/sql_changes.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"
#include "text/lines.h"

namespace relay {
namespace {

// Columns, define() and the binds of insert() keep one order.
constexpr const char* kAccountColumns =
    "id, name, provider, base_url, sealed_credential, credential_hint, sealed_proxy_password, priority,"
    " weight, concurrency, models, model_map, dialect, account_groups, proxy, daily_spend_cap_nano_usd,"
    " enabled, created_at_ms, updated_at_ms";

// Values with rules are text until they are parsed.
struct UpstreamAccountRow {
  StoredAccount account;
  std::string provider, models, model_map, dialect, groups;

  void define(SqlStatement& select) {
    select.into(account.id).into(account.name).into(provider).into(account.base_url);
    select.into(account.sealed.credential).into(account.credential_hint).into(account.sealed.proxy_password);
    select.into(account.share.priority).into(account.share.weight).into(account.share.concurrency);
    select.into(models).into(model_map).into(dialect).into(groups).into(account.proxy);
    select.into(account.daily_spend_cap).into(account.enabled);
    select.into(account.created_at).into(account.updated_at);
  }

  Result<StoredAccount> value() const {
    auto copy = account;
    CHECK(set_parsed(copy, {.provider = provider,
                            .models = models,
                            .model_map = model_map,
                            .dialect = dialect,
                            .groups = groups}));
    return copy;
  }
};

Error account_unknown() { return Error(ErrorKind::not_found, "account_unknown", "There is no such account"); }

Result<StoredAccount> select_account(soci::session& sql, const std::string& id) {
  UpstreamAccountRow row;
  SqlStatement select(sql);
  row.define(select);
  select.use(id).select(std::string("SELECT ") + kAccountColumns + " FROM upstream_accounts WHERE id = :id");
  if (!select.fetch()) return account_unknown();
  return row.value();
}

SqlChanges to_sql(const StoredAccountChanges& changes, WallTime now) {
  SqlChanges out;
  out.set_if("name", changes.name);
  out.set_if("base_url", changes.base_url);
  out.set_if("sealed_credential", changes.sealed_credential);
  out.set_if("credential_hint", changes.credential_hint);
  out.set_if("sealed_proxy_password", changes.sealed_proxy_password);
  out.set_if("priority", changes.priority);
  out.set_if("weight", changes.weight);
  out.set_if("concurrency", changes.concurrency);
  if (changes.models) out.set("models", changes.models->to_text());
  if (changes.model_map) out.set("model_map", changes.model_map->to_text());
  if (changes.dialect) out.set("dialect", std::string(to_account_dialect(*changes.dialect)));
  if (changes.groups) out.set("account_groups", join_lines(*changes.groups));
  out.set_if("proxy", changes.proxy);
  out.set_if("daily_spend_cap_nano_usd", changes.daily_spend_cap);
  out.set_if("enabled", changes.enabled);
  out.set("updated_at_ms", now);
  return out;
}

}  // namespace

Task<std::vector<StoredAccount>> SqlUpstreamAccountStore::list() {
  return database_.read([](soci::session& sql) -> Result<std::vector<StoredAccount>> {
    UpstreamAccountRow row;
    SqlStatement select(sql);
    row.define(select);
    select.select(std::string("SELECT ") + kAccountColumns +
                  " FROM upstream_accounts ORDER BY created_at_ms, id");
    std::vector<StoredAccount> accounts;
    while (select.fetch()) {
      TRY(auto account, row.value());
      accounts.push_back(std::move(account));
    }
    return accounts;
  });
}

Task<StoredAccount> SqlUpstreamAccountStore::find(std::string id) {
  return database_.read([id = std::move(id)](soci::session& sql) { return select_account(sql, id); });
}

Task<> SqlUpstreamAccountStore::insert(StoredAccount account) {
  return database_.write([account = std::move(account)](soci::session& sql) -> Result<> {
    std::int64_t count = 0;
    SqlStatement counted(sql);
    counted.into(count).select("SELECT COUNT(*) FROM upstream_accounts");
    counted.fetch();
    if (count >= static_cast<std::int64_t>(kStoredAccountsMax)) return too_many_accounts();
    SqlStatement insert(sql);
    insert.use(account.id).use(account.name).use(to_string(account.provider)).use(account.base_url);
    insert.use(account.sealed.credential).use(account.credential_hint).use(account.sealed.proxy_password);
    insert.use(account.share.priority).use(account.share.weight).use(account.share.concurrency);
    insert.use(account.models.to_text()).use(account.model_map.to_text());
    insert.use(to_account_dialect(account.dialect)).use(join_lines(account.groups)).use(account.proxy);
    insert.use(account.daily_spend_cap).use(account.enabled);
    insert.use(account.created_at).use(account.updated_at);
    insert.run(
        std::string("INSERT INTO upstream_accounts (") + kAccountColumns +
        ") VALUES (:id, :name, :provider, :url, :credential, :hint, :password, :priority, :weight,"
        " :concurrency, :models, :map, :dialect, :groups, :proxy, :cap, :enabled, :created, :updated)");
    return ok;
  });
}

Task<StoredAccount> SqlUpstreamAccountStore::update(std::string id, StoredAccountChanges changes,
                                                    WallTime now) {
  return database_.write(
      [id = std::move(id), changes = to_sql(changes, now)](soci::session& sql) -> Result<StoredAccount> {
        SqlStatement update(sql);
        changes.bind(update);
        update.use(id).run("UPDATE upstream_accounts SET " + changes.assignments() + " WHERE id = :id");
        return select_account(sql, id);
      });
}

Task<bool> SqlUpstreamAccountStore::reseal(std::string id, AccountSecrets before, AccountSecrets after) {
  return database_.write([id = std::move(id), before = std::move(before),
                          after = std::move(after)](soci::session& sql) -> Result<bool> {
    SqlStatement update(sql);
    update.use(after.credential).use(after.proxy_password);
    update.use(id).use(before.credential).use(before.proxy_password);
    const auto changed = update.run(
        "UPDATE upstream_accounts SET sealed_credential = :credential,"
        " sealed_proxy_password = :password WHERE id = :id AND sealed_credential = :before"
        " AND sealed_proxy_password = :password_before");
    return changed > 0;
  });
}

Task<> SqlUpstreamAccountStore::remove(std::string id) {
  return database_.write([id = std::move(id)](soci::session& sql) -> Result<> {
    const auto gone = SqlStatement(sql).use(id).run("DELETE FROM upstream_accounts WHERE id = :id");
    if (gone == 0) return account_unknown();
    return ok;
  });
}

}  // namespace relay
