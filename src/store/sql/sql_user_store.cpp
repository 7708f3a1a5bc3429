#include "store/sql/sql_user_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_changes.h"
#include "store/sql/sql_limit_fields.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_delete.h"
#include "store/page.h"
#include "store/sql/sql_statement.h"

#include <soci/error.h>

namespace relay {
namespace {

// Columns and define() keep one order.
constexpr const char* kUserColumns =
    "id, email, username, display_name, password_hash, status, role, email_verified, plan_id,"
    " requests_per_minute, tokens_per_minute, requests_per_day, concurrency, balance_nano_usd, timezone, "
    "locale,"
    " settings, metadata, usage_requests, usage_tokens, usage_cost_nano_usd, last_login_at_ms, created_at_ms,"
    " updated_at_ms, COALESCE(tokens_per_day, 0), budget_daily_nano_usd, budget_weekly_nano_usd,"
    " budget_monthly_nano_usd, budget_total_nano_usd, COALESCE(budget_reset_minute, 0),"
    " COALESCE(budget_soft_periods, 0)";

struct UserRow {
  std::string email, username, status, role;
  User user{.id = {}, .email = EmailAddress::from_store(""), .username = Username::from_store("")};
};

void define(SqlStatement& select, UserRow& row) {
  auto& user = row.user;
  select.into(user.id).into(row.email).into(row.username).into(user.display_name).into(user.password_hash);
  select.into(row.status).into(row.role).into(user.email_verified).into(user.plan);
  select.into(user.limits.requests_per_minute).into(user.limits.tokens_per_minute);
  select.into(user.limits.requests_per_day).into(user.limits.concurrency);
  select.into(user.balance_nano_usd)
      .into(user.timezone)
      .into(user.locale)
      .into(user.settings)
      .into(user.metadata);
  select.into(user.usage.requests).into(user.usage.tokens).into(user.usage.cost_nano_usd);
  select.into(user.last_login_at).into(user.created_at).into(user.updated_at);
  auto& budget = user.budget;
  select.into(user.limits.tokens_per_day).into(budget.daily).into(budget.weekly).into(budget.monthly);
  select.into(budget.total).into(budget.reset_minute).into(budget.soft_periods);
}

Result<User> to_user(const UserRow& row) {
  User user = row.user;
  user.email = EmailAddress::from_store(row.email);
  user.username = Username::from_store(row.username);
  TRY(user.status, parse_user_status(row.status));
  TRY(user.role, parse_user_role(row.role));
  return user;
}

Error user_unknown() { return Error(ErrorKind::not_found, "user_unknown", "User not found"); }

Result<User> select_user(soci::session& sql, const std::string& column, const std::string& value) {
  UserRow row;
  SqlStatement select(sql);
  define(select, row);
  select.use(value).select(std::string("SELECT ") + kUserColumns + " FROM users WHERE " + column +
                           " = :value");
  if (!select.fetch()) return user_unknown();
  return to_user(row);
}

// In the words that clients of the API match. Rethrows what is not a rule of ours.
Error broken_rule(const soci::soci_error& error) {
  const auto violation = violation_of(error);
  if (!violation) throw;
  if (violation->kind == ViolationKind::foreign_key) {
    return Error(ErrorKind::validation, "plan_unknown", "There is no such plan")
        .on_field("plan", "must be a plan");
  }
  if (violation->index == "users_email")
    return Error(ErrorKind::conflict, "email_taken", "Email already registered");
  if (violation->index == "users_username") {
    return Error(ErrorKind::conflict, "username_taken", "Username already taken");
  }
  throw;
}

// In the transaction of the change, the others locked: of two admins who take each other's role one fails.
Result<> check_admin_left(soci::session& sql, const Dialect& dialect) {
  std::string id;
  SqlStatement select(sql);
  select.into(id).select(std::string("SELECT id FROM users WHERE role = 'admin' AND status = 'active'") +
                         dialect.for_update());
  if (select.fetch()) return ok;
  return Error(ErrorKind::conflict, "last_admin", "There must be an administrator left");
}

bool is_active_admin(const User& user) {
  return user.role == UserRole::admin && user.status == UserStatus::active;
}

SqlChanges to_sql(const UserChanges& changes) {
  SqlChanges out;
  if (changes.email) out.set("email", changes.email->text());
  if (changes.username) out.set("username", changes.username->text());
  out.set_if("display_name", changes.display_name);
  out.set_if("password_hash", changes.password_hash);
  if (changes.status) out.set("status", std::string(to_string(*changes.status)));
  if (changes.role) out.set("role", std::string(to_string(*changes.role)));
  out.set_if("email_verified", changes.email_verified);
  out.set_if("plan_id", changes.plan);
  if (changes.limits) set_limits(out, *changes.limits);
  if (changes.budget) set_budget(out, *changes.budget);
  out.set_if("timezone", changes.timezone);
  out.set_if("locale", changes.locale);
  out.set_if("settings", changes.settings);
  out.set_if("metadata", changes.metadata);
  return out;
}

}  // namespace

Task<> SqlUserStore::insert(User user) {
  return database_.write([user = std::move(user)](soci::session& sql) -> Result<> {
    SqlStatement insert(sql);
    insert.use(user.id).use(user.email.text()).use(user.username.text()).use(user.display_name);
    insert.use(user.password_hash)
        .use(to_string(user.status))
        .use(to_string(user.role))
        .use(user.email_verified);
    insert.use(user.plan).use(user.limits.requests_per_minute).use(user.limits.tokens_per_minute);
    insert.use(user.limits.requests_per_day).use(user.limits.concurrency).use(user.balance_nano_usd);
    insert.use(user.timezone).use(user.locale).use(user.settings).use(user.metadata);
    insert.use(user.last_login_at).use(user.created_at).use(user.updated_at);
    const auto& budget = user.budget;
    insert.use(user.limits.tokens_per_day).use(budget.daily).use(budget.weekly).use(budget.monthly);
    insert.use(budget.total).use(budget.reset_minute).use(budget.soft_periods);
    try {
      insert.run(
          "INSERT INTO users (id, email, username, display_name, password_hash, status, role, "
          "email_verified, plan_id,"
          " requests_per_minute, tokens_per_minute, requests_per_day, concurrency, balance_nano_usd, "
          "timezone, locale,"
          " settings, metadata, last_login_at_ms, created_at_ms, updated_at_ms, tokens_per_day,"
          " budget_daily_nano_usd, budget_weekly_nano_usd, budget_monthly_nano_usd, budget_total_nano_usd,"
          " budget_reset_minute, budget_soft_periods)"
          " VALUES (:id, :email, :username, :display_name, :password_hash, :status, :role, :verified, :plan,"
          " :rpm, :tpm, :rpd, :concurrency, :balance, :timezone, :locale, :settings, :metadata,"
          " :login, :created, :updated, :tpd, :daily, :weekly, :monthly, :total, :reset_minute, :soft)");
    } catch (const soci::soci_error& error) {
      return broken_rule(error);
    }
    return {};
  });
}

Task<User> SqlUserStore::find(std::string user_id) {
  return database_.read(
      [user_id = std::move(user_id)](soci::session& sql) { return select_user(sql, "id", user_id); });
}

Task<User> SqlUserStore::find_by_email(EmailAddress email) {
  return database_.read(
      [email = std::move(email)](soci::session& sql) { return select_user(sql, "email", email.text()); });
}

Task<User> SqlUserStore::update(std::string user_id, UserChanges changes, WallTime now) {
  return database_.write([this, user_id = std::move(user_id), changes = std::move(changes),
                          now](soci::session& sql) -> Result<User> {
    TRY(const auto before, select_user(sql, "id", user_id));
    auto assignments = to_sql(changes);
    assignments.set("updated_at_ms", now);
    SqlStatement update(sql);
    assignments.bind(update);
    update.use(user_id);
    try {
      update.run("UPDATE users SET " + assignments.assignments() + " WHERE id = :id");
    } catch (const soci::soci_error& error) {
      return broken_rule(error);
    }
    TRY(auto after, select_user(sql, "id", user_id));
    if (is_active_admin(before) && !is_active_admin(after)) CHECK(check_admin_left(sql, database_.dialect()));
    return after;
  });
}

Task<> SqlUserStore::record_login(std::string user_id, WallTime now) {
  return database_.write([user_id = std::move(user_id), now](soci::session& sql) -> Result<> {
    SqlStatement(sql).use(now).use(user_id).run("UPDATE users SET last_login_at_ms = :now WHERE id = :id");
    return {};
  });
}

Task<Page<User>> SqlUserStore::list(UserFilter filter, PageRequest page) {
  return database_.read([filter = std::move(filter), page = std::move(page),
                         &dialect = database_.dialect()](soci::session& sql) -> Result<Page<User>> {
    TRY(const auto place, parse_cursor(page.cursor));
    const int limit = held_limit(page);
    UserRow row;
    SqlStatement select(sql);
    define(select, row);
    std::string where = "(created_at_ms < :before OR (created_at_ms = :at AND id < :id))";
    select.use(place.created_at_ms).use(place.created_at_ms).use(place.id);
    if (filter.status) {
      where += " AND status = :status";
      select.use(to_string(*filter.status));
    }
    if (filter.role) {
      where += " AND role = :role";
      select.use(to_string(*filter.role));
    }
    if (!filter.plan.empty()) {
      where += " AND plan_id = :plan";
      select.use(filter.plan);
    }
    if (!filter.search.empty()) {
      where += " AND (" + dialect.like("email", ":in_email") + " OR " +
               dialect.like("username", ":in_username") + ")";
      select.use(like_pattern(filter.search)).use(like_pattern(filter.search));
    }
    select.use(limit + 1);
    select.select(std::string("SELECT ") + kUserColumns + " FROM users WHERE " + where +
                  " ORDER BY created_at_ms DESC, id DESC LIMIT :limit");
    std::vector<User> users;
    while (select.fetch()) {
      TRY(auto user, to_user(row));
      users.push_back(std::move(user));
    }
    return to_page(std::move(users), limit);
  });
}

// The name and address are freed for others: an erased person may come back as a new one.
Task<> SqlUserStore::erase(std::string user_id, WallTime now) {
  return database_.write([this, user_id = std::move(user_id), now](soci::session& sql) -> Result<> {
    TRY(const auto before, select_user(sql, "id", user_id));
    // A username of people has at most 32 characters and an address has an '@': no one can take these.
    SqlStatement update(sql);
    update.use("deleted " + user_id).use("deleted " + user_id).use(now).use(user_id);
    update.run(
        "UPDATE users SET email = :email, username = :username, display_name = '', password_hash = '',"
        " status = 'deleted', email_verified = 0, settings = '{}', metadata = '{}', timezone = 'UTC', locale "
        "= 'en',"
        " updated_at_ms = :now WHERE id = :id");
    if (is_active_admin(before)) CHECK(check_admin_left(sql, database_.dialect()));
    SqlStatement(sql).use(user_id).run("DELETE FROM sessions WHERE user_id = :user");
    SqlStatement(sql).use(user_id).run("DELETE FROM email_tokens WHERE user_id = :user");
    SqlStatement(sql).use(user_id).run("DELETE FROM notifications WHERE user_id = :user");
    SqlStatement(sql).use(user_id).run("DELETE FROM known_devices WHERE user_id = :user");
    SqlStatement(sql).use(user_id).run("DELETE FROM provider_objects WHERE user_id = :user");
    SqlStatement(sql).use(user_id).run("DELETE FROM outbox WHERE user_id = :user");
    SqlStatement(sql).use(user_id).run("DELETE FROM recovery_codes WHERE user_id = :user");
    SqlStatement(sql).use(user_id).run("DELETE FROM two_factors WHERE user_id = :user");
    SqlStatement(sql).use(user_id).run("DELETE FROM user_identities WHERE user_id = :user");
    // What a person wrote on a key, and where it was used from, is about that person too.
    SqlStatement(sql).use(now).use(user_id).run(
        "UPDATE api_keys SET status = 'revoked', name = 'deleted', description = '', tags = '', metadata = "
        "'{}',"
        " ip_rules = '', last_used_address = '', updated_at_ms = :now WHERE user_id = :user");
    return {};
  });
}

Task<std::int64_t> SqlUserStore::delete_erased(WallTime before, int limit) {
  return database_.write([before, limit](soci::session& sql) -> Result<std::int64_t> {
    return delete_found(sql, "users",
                        "SELECT id FROM users WHERE status = 'deleted' AND updated_at_ms < :before"
                        " AND id NOT IN (SELECT user_id FROM billing_records)"
                        " ORDER BY updated_at_ms LIMIT :limit",
                        before, limit);
  });
}

}  // namespace relay
