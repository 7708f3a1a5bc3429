#include "store/sql/sql_api_key_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_changes.h"
#include "store/sql/sql_limit_fields.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_delete.h"
#include "store/sql/sql_key_access.h"
#include "store/page.h"
#include "store/sql/sql_statement.h"
#include "text/lines.h"

#include <soci/error.h>

namespace relay {
namespace {

// Columns and define() keep one order.
constexpr const char* kApiKeyColumns =
    "id, user_id, name, description, key_hash, key_prefix, key_suffix, retiring_hash, retiring_until_ms, "
    "status,"
    " permissions, requests_per_minute, tokens_per_minute, requests_per_day, concurrency, "
    "budget_daily_nano_usd,"
    " budget_weekly_nano_usd, budget_monthly_nano_usd, budget_total_nano_usd, models, ip_rules, tags, "
    "metadata,"
    " usage_requests, usage_tokens, usage_cost_nano_usd, expires_at_ms, last_used_at_ms, last_used_address,"
    " created_at_ms, updated_at_ms, cache_ttl_seconds, account_group, COALESCE(tokens_per_day, 0),"
    " COALESCE(budget_reset_minute, 0), COALESCE(budget_soft_periods, 0)";

// Values with rules are text until they are parsed.
struct ApiKeyRow {
  std::string name, hash, status, permissions, models, ip_rules, tags;
  std::optional<std::string> retiring_hash;
  std::optional<WallTime> retiring_until;
  std::string id, user_id, description, prefix, suffix, metadata, last_used_address;
  RateLimit limits;
  Budget budget;
  UsageCounters usage;
  std::optional<WallTime> expires_at, last_used_at;
  WallTime created_at, updated_at;
  std::optional<std::int64_t> cache_ttl_seconds;
  std::optional<std::string> account_group;
};

void define(SqlStatement& select, ApiKeyRow& row) {
  select.into(row.id).into(row.user_id).into(row.name).into(row.description);
  select.into(row.hash).into(row.prefix).into(row.suffix).into(row.retiring_hash).into(row.retiring_until);
  select.into(row.status).into(row.permissions);
  select.into(row.limits.requests_per_minute).into(row.limits.tokens_per_minute);
  select.into(row.limits.requests_per_day).into(row.limits.concurrency);
  select.into(row.budget.daily).into(row.budget.weekly).into(row.budget.monthly).into(row.budget.total);
  select.into(row.models).into(row.ip_rules).into(row.tags).into(row.metadata);
  select.into(row.usage.requests).into(row.usage.tokens).into(row.usage.cost_nano_usd);
  select.into(row.expires_at).into(row.last_used_at).into(row.last_used_address);
  select.into(row.created_at).into(row.updated_at).into(row.cache_ttl_seconds);
  select.into(row.account_group);
  select.into(row.limits.tokens_per_day).into(row.budget.reset_minute).into(row.budget.soft_periods);
}

Result<ApiKey> to_api_key(const ApiKeyRow& row) {
  TRY(const auto hash, ApiKeyHash::from_store(row.hash));
  std::optional<RetiringSecret> retiring;
  if (row.retiring_hash && row.retiring_until) {
    TRY(const auto old_hash, ApiKeyHash::from_store(*row.retiring_hash));
    retiring = RetiringSecret{.hash = old_hash, .until = *row.retiring_until};
  }
  TRY(const auto status, parse_api_key_status(row.status));
  TRY(const auto permissions, Permissions::from_store(row.permissions));
  TRY(auto ip_rules, IpRules::from_store(row.ip_rules));
  return ApiKey{.id = row.id,
                .user_id = row.user_id,
                .name = ApiKeyName::from_store(row.name),
                .description = row.description,
                .hash = hash,
                .prefix = row.prefix,
                .suffix = row.suffix,
                .retiring = retiring,
                .status = status,
                .permissions = permissions,
                .limits = row.limits,
                .budget = row.budget,
                .models = ModelPatterns::from_store(row.models),
                .ip_rules = std::move(ip_rules),
                .tags = split_lines(row.tags),
                .metadata = row.metadata,
                .cache_ttl_seconds = row.cache_ttl_seconds,
                .account_group = row.account_group.value_or(""),
                .usage = row.usage,
                .expires_at = row.expires_at,
                .last_used_at = row.last_used_at,
                .last_used_address = row.last_used_address,
                .created_at = row.created_at,
                .updated_at = row.updated_at};
}

Error key_unknown() { return Error(ErrorKind::not_found, "api_key_unknown", "API key not found"); }

Error key_revoked() { return Error(ErrorKind::conflict, "api_key_revoked", "The API key is revoked"); }

Result<ApiKey> select_key(soci::session& sql, const std::string& user_id, const std::string& key_id) {
  ApiKeyRow row;
  SqlStatement select(sql);
  define(select, row);
  select.use(key_id).use(user_id);
  select.select(std::string("SELECT ") + kApiKeyColumns +
                " FROM api_keys WHERE id = :id AND user_id = :user");
  if (!select.fetch()) return key_unknown();
  return to_api_key(row);
}

std::int64_t count_keys(soci::session& sql, const std::string& user_id) {
  std::int64_t count = 0;
  SqlStatement select(sql);
  select.into(count).use(user_id);
  select.select("SELECT COUNT(*) FROM api_keys WHERE user_id = :user AND status <> 'revoked'");
  select.fetch();
  return count;
}

// Of two keys that are made at once the second counts the first.
void lock_user(soci::session& sql, const Dialect& dialect, const std::string& user_id) {
  std::string id;
  SqlStatement select(sql);
  select.into(id).use(user_id).select(std::string("SELECT id FROM users WHERE id = :id") +
                                      dialect.for_update());
  select.fetch();
}

// A hash must be new among the retiring ones too: one secret is one key.
bool is_retiring(soci::session& sql, const ApiKeyHash& hash) {
  std::int64_t count = 0;
  SqlStatement select(sql);
  select.into(count).use(hash.hex()).select("SELECT COUNT(*) FROM api_keys WHERE retiring_hash = :hash");
  select.fetch();
  return count > 0;
}

Error duplicate() { return Error(ErrorKind::conflict, "duplicate", "It exists already"); }

SqlChanges to_sql(const ApiKeyChanges& changes) {
  SqlChanges out;
  if (changes.name) out.set("name", changes.name->text());
  out.set_if("description", changes.description);
  if (changes.active) out.set("status", std::string(*changes.active ? "active" : "inactive"));
  if (changes.permissions) out.set("permissions", changes.permissions->to_text());
  if (changes.limits) set_limits(out, *changes.limits);
  if (changes.budget) set_budget(out, *changes.budget);
  if (changes.models) out.set("models", changes.models->to_text());
  if (changes.ip_rules) out.set("ip_rules", changes.ip_rules->to_text());
  out.set_if("expires_at_ms", changes.expires_at);
  if (changes.tags) out.set("tags", join_lines(*changes.tags));
  out.set_if("metadata", changes.metadata);
  out.set_if("cache_ttl_seconds", changes.cache_ttl_seconds);
  if (changes.account_group) out.set("account_group", null_if_empty(*changes.account_group));
  return out;
}

// Runs the changes on a key that is not revoked.
Result<ApiKey> change_key(soci::session& sql, const std::string& user_id, const std::string& key_id,
                          SqlChanges changes, WallTime now) {
  changes.set("updated_at_ms", now);
  SqlStatement update(sql);
  changes.bind(update);
  update.use(key_id).use(user_id);
  const auto changed = update.run("UPDATE api_keys SET " + changes.assignments() +
                                  " WHERE id = :id AND user_id = :user AND status <> 'revoked'");
  TRY(auto key, select_key(sql, user_id, key_id));
  if (changed == 0) return key_revoked();
  return key;
}

void insert_row(soci::session& sql, const ApiKey& key) {
  const auto retiring_hash = key.retiring ? std::optional(key.retiring->hash.hex()) : std::nullopt;
  const auto retiring_until = key.retiring ? std::optional(key.retiring->until) : std::nullopt;
  SqlStatement insert(sql);
  insert.use(key.id).use(key.user_id).use(key.name.text()).use(key.description);
  insert.use(key.hash.hex()).use(key.prefix).use(key.suffix).use(retiring_hash).use(retiring_until);
  insert.use(to_string(key.status)).use(key.permissions.to_text());
  insert.use(key.limits.requests_per_minute).use(key.limits.tokens_per_minute);
  insert.use(key.limits.requests_per_day).use(key.limits.concurrency);
  insert.use(key.budget.daily).use(key.budget.weekly).use(key.budget.monthly).use(key.budget.total);
  insert.use(key.models.to_text()).use(key.ip_rules.to_text()).use(join_lines(key.tags)).use(key.metadata);
  insert.use(key.expires_at)
      .use(key.last_used_at)
      .use(key.last_used_address)
      .use(key.created_at)
      .use(key.updated_at)
      .use(key.cache_ttl_seconds)
      .use(null_if_empty(key.account_group));
  insert.use(key.limits.tokens_per_day).use(key.budget.reset_minute).use(key.budget.soft_periods);
  insert.run(
      "INSERT INTO api_keys (id, user_id, name, description, key_hash, key_prefix, key_suffix, retiring_hash,"
      " retiring_until_ms, status, permissions, requests_per_minute, tokens_per_minute, requests_per_day, "
      "concurrency,"
      " budget_daily_nano_usd, budget_weekly_nano_usd, budget_monthly_nano_usd, budget_total_nano_usd, "
      "models,"
      " ip_rules, tags, metadata, expires_at_ms, last_used_at_ms, last_used_address, created_at_ms, "
      "updated_at_ms, cache_ttl_seconds, account_group, tokens_per_day, budget_reset_minute, "
      "budget_soft_periods)"
      " VALUES (:id, :user, :name, :description, :hash, :prefix, :suffix, :old_hash, :old_until, :status,"
      " :permissions, :rpm, :tpm, :rpd, :concurrency, :daily, :weekly, :monthly, :total, :models, :ip_rules, "
      ":tags,"
      " :metadata, :expires, :used, :address, :created, :updated, :cache_ttl, :group, :tpd,"
      " :reset_minute, :soft_periods)");
}

}  // namespace

Task<> SqlApiKeyStore::insert(ApiKey key, std::int64_t max_keys) {
  return database_.write(
      [key = std::move(key), max_keys, &dialect = database_.dialect()](soci::session& sql) -> Result<> {
        if (max_keys > 0) lock_user(sql, dialect, key.user_id);
        if (max_keys > 0 && count_keys(sql, key.user_id) >= max_keys) {
          return Error(ErrorKind::limit_exceeded, "key_limit_reached",
                       "Maximum number of API keys (" + std::to_string(max_keys) + ") reached for your plan");
        }
        if (is_retiring(sql, key.hash)) return duplicate();
        try {
          insert_row(sql, key);
        } catch (const soci::soci_error& error) {
          const auto violation = violation_of(error);
          if (!violation || violation->kind != ViolationKind::foreign_key) throw;
          return Error(ErrorKind::not_found, "user_unknown", "User not found");
        }
        return {};
      });
}

Task<KeyAccess> SqlApiKeyStore::find_access(ApiKeyHash hash) {
  return database_.read([hash](soci::session& sql) -> Result<KeyAccess> {
    const auto hex = hash.hex();
    auto found = select_key_access(sql, "k.key_hash = :value", hex, false);
    if (found.has_value() || found.error().kind() != ErrorKind::not_found) return found;
    return select_key_access(sql, "k.retiring_hash = :value", hex, true);
  });
}

Task<KeyAccess> SqlApiKeyStore::find_access_by_id(std::string key_id) {
  return database_.read([key_id = std::move(key_id)](soci::session& sql) {
    return select_key_access(sql, "k.id = :value", key_id, false);
  });
}

Task<ApiKey> SqlApiKeyStore::find(std::string user_id, std::string key_id) {
  return database_.read([user_id = std::move(user_id), key_id = std::move(key_id)](soci::session& sql) {
    return select_key(sql, user_id, key_id);
  });
}

Task<ApiKey> SqlApiKeyStore::find_by_hash(ApiKeyHash hash) {
  return database_.read([hash](soci::session& sql) -> Result<ApiKey> {
    ApiKeyRow row;
    SqlStatement select(sql);
    define(select, row);
    select.use(hash.hex()).use(hash.hex());
    select.select(std::string("SELECT ") + kApiKeyColumns +
                  " FROM api_keys WHERE key_hash = :hash OR retiring_hash = :old_hash");
    if (!select.fetch()) return key_unknown();
    return to_api_key(row);
  });
}

Task<ApiKey> SqlApiKeyStore::find_by_id(std::string key_id) {
  return database_.read([key_id = std::move(key_id)](soci::session& sql) -> Result<ApiKey> {
    ApiKeyRow row;
    SqlStatement select(sql);
    define(select, row);
    select.use(key_id).select(std::string("SELECT ") + kApiKeyColumns + " FROM api_keys WHERE id = :id");
    if (!select.fetch()) return key_unknown();
    return to_api_key(row);
  });
}

Task<Page<ApiKey>> SqlApiKeyStore::list_by_user(std::string user_id, ApiKeyFilter filter, PageRequest page) {
  filter.user_id = std::move(user_id);
  return list(std::move(filter), std::move(page));
}

Task<Page<ApiKey>> SqlApiKeyStore::list(ApiKeyFilter filter, PageRequest page) {
  return database_.read([filter = std::move(filter), page = std::move(page),
                         &dialect = database_.dialect()](soci::session& sql) -> Result<Page<ApiKey>> {
    TRY(const auto place, parse_cursor(page.cursor));
    const int limit = held_limit(page);
    ApiKeyRow row;
    SqlStatement select(sql);
    define(select, row);
    std::string where = "(created_at_ms < :before OR (created_at_ms = :at AND id < :id))";
    select.use(place.created_at_ms).use(place.created_at_ms).use(place.id);
    if (filter.user_id) {
      where += " AND user_id = :user";
      select.use(*filter.user_id);
    }
    if (filter.status == ApiKeyStatus::expired) {
      where += " AND status = 'active' AND expires_at_ms <= :now";
      select.use(filter.now);
    } else if (filter.status) {
      where += " AND status = :status";
      select.use(to_string(*filter.status));
      if (filter.status == ApiKeyStatus::active) {
        where += " AND (expires_at_ms IS NULL OR expires_at_ms > :now)";
        select.use(filter.now);
      }
    }
    if (!filter.search.empty()) {
      where += " AND (" + dialect.like("name", ":in_name") + " OR " +
               dialect.like("description", ":in_text") + " OR " + dialect.like("tags", ":in_tags") + ")";
      for (int i = 0; i < 3; ++i) select.use(like_pattern(filter.search));
    }
    select.use(limit + 1);
    select.select(std::string("SELECT ") + kApiKeyColumns + " FROM api_keys WHERE " + where +
                  " ORDER BY created_at_ms DESC, id DESC LIMIT :limit");
    std::vector<ApiKey> keys;
    while (select.fetch()) {
      TRY(auto key, to_api_key(row));
      keys.push_back(std::move(key));
    }
    return to_page(std::move(keys), limit);
  });
}

Task<ApiKey> SqlApiKeyStore::update(std::string user_id, std::string key_id, ApiKeyChanges changes,
                                    WallTime now) {
  return database_.write(
      [user_id = std::move(user_id), key_id = std::move(key_id), changes = std::move(changes),
       now](soci::session& sql) { return change_key(sql, user_id, key_id, to_sql(changes), now); });
}

Task<> SqlApiKeyStore::revoke(std::string user_id, std::string key_id, WallTime now) {
  return database_.write(
      [user_id = std::move(user_id), key_id = std::move(key_id), now](soci::session& sql) -> Result<> {
        SqlStatement update(sql);
        update.use(now).use(key_id).use(user_id);
        update.run(
            "UPDATE api_keys SET status = 'revoked', retiring_hash = NULL, retiring_until_ms = NULL,"
            " updated_at_ms = :now WHERE id = :id AND user_id = :user AND status <> 'revoked'");
        CHECK(select_key(sql, user_id, key_id));
        return {};
      });
}

Task<ApiKey> SqlApiKeyStore::replace_secret(std::string user_id, std::string key_id,
                                            SecretReplacement replacement, WallTime now) {
  return database_.write([user_id = std::move(user_id), key_id = std::move(key_id),
                          replacement = std::move(replacement), now](soci::session& sql) -> Result<ApiKey> {
    TRY(const auto before, select_key(sql, user_id, key_id));
    if (is_retiring(sql, replacement.hash)) return duplicate();
    SqlChanges changes;
    changes.set("key_hash", replacement.hash.hex());
    changes.set("key_prefix", replacement.prefix);
    changes.set("key_suffix", replacement.suffix);
    changes.set("retiring_hash", replacement.old_until ? std::optional(before.hash.hex()) : std::nullopt);
    changes.set("retiring_until_ms", replacement.old_until);
    return change_key(sql, user_id, key_id, std::move(changes), now);
  });
}

Task<> SqlApiKeyStore::touch_last_used(std::vector<KeyTouch> touches) {
  return database_.write([touches = std::move(touches)](soci::session& sql) -> Result<> {
    for (const auto& touch : touches) {
      SqlStatement update(sql);
      update.use(touch.at).use(touch.address).use(touch.key_id).use(touch.at);
      update.run(
          "UPDATE api_keys SET last_used_at_ms = :at, last_used_address = :address"
          " WHERE id = :id AND (last_used_at_ms IS NULL OR last_used_at_ms < :after)");
    }
    return {};
  });
}

Task<std::vector<ApiKey>> SqlApiKeyStore::list_expiring(WallTime from, std::string after_id, WallTime until,
                                                        int limit) {
  return database_.read([from, after_id = std::move(after_id), until,
                         limit](soci::session& sql) -> Result<std::vector<ApiKey>> {
    ApiKeyRow row;
    SqlStatement select(sql);
    define(select, row);
    select.use(until).use(from).use(from).use(after_id).use(limit);
    select.select(std::string("SELECT ") + kApiKeyColumns +
                  " FROM api_keys WHERE status = 'active' AND expires_at_ms < :until"
                  " AND (expires_at_ms > :from OR (expires_at_ms = :at AND id > :after))"
                  " AND user_id IN (SELECT u.id FROM users u WHERE u.status = 'active')"
                  " ORDER BY expires_at_ms, id LIMIT :limit");
    std::vector<ApiKey> keys;
    while (select.fetch()) {
      TRY(auto key, to_api_key(row));
      keys.push_back(std::move(key));
    }
    return keys;
  });
}

Task<std::int64_t> SqlApiKeyStore::delete_revoked(WallTime before, int limit) {
  return database_.write([before, limit](soci::session& sql) -> Result<std::int64_t> {
    return delete_found(sql, "api_keys",
                        "SELECT id FROM api_keys WHERE status = 'revoked' AND updated_at_ms < :before"
                        " ORDER BY updated_at_ms LIMIT :limit",
                        before, limit);
  });
}

Task<std::int64_t> SqlApiKeyStore::count_by_user(std::string user_id) {
  return database_.read([user_id = std::move(user_id)](soci::session& sql) -> Result<std::int64_t> {
    return count_keys(sql, user_id);
  });
}

}  // namespace relay
