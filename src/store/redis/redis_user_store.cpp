#include "store/redis/redis_user_store.h"

#include "store/redis/redis_limit_fields.h"
#include "store/redis/redis_reading.h"

namespace relay {
namespace {

const RedisScript& user_script() {
  static const RedisScript made = store_script("user_store.lua");
  return made;
}

Result<User> to_user(const RedisReply& reply) {
  User user{.id = {}, .email = EmailAddress::from_store(""), .username = Username::from_store("")};
  std::string email, username, status, role;
  RedisRow row(reply);
  row.into("id", user.id).into("email", email).into("username", username);
  row.into("display_name", user.display_name).into("password_hash", user.password_hash);
  row.into("status", status).into("role", role).into("email_verified", user.email_verified);
  row.into("plan_id", user.plan);
  read(row, user.limits);
  read(row, user.budget);
  row.into("balance_nano_usd", user.balance_nano_usd)
      .into("timezone", user.timezone)
      .into("locale", user.locale);
  row.into("settings", user.settings).into("metadata", user.metadata);
  row.into("usage_requests", user.usage.requests).into("usage_tokens", user.usage.tokens);
  row.into("usage_cost_nano_usd", user.usage.cost_nano_usd).into("last_login_at_ms", user.last_login_at);
  row.into("created_at_ms", user.created_at).into("updated_at_ms", user.updated_at);
  CHECK(row.check());
  user.email = EmailAddress::from_store(std::move(email));
  user.username = Username::from_store(std::move(username));
  TRY(user.status, parse_user_status(status));
  TRY(user.role, parse_user_role(role));
  return user;
}

RedisFields to_fields(const User& user) {
  RedisFields out;
  out.set("id", user.id).set("email", user.email.text()).set("username", user.username.text());
  out.set("display_name", user.display_name).set("password_hash", user.password_hash);
  out.set("status", to_string(user.status)).set("role", to_string(user.role));
  out.set("email_verified", user.email_verified).set("plan_id", user.plan);
  set(out, user.limits);
  set(out, user.budget);
  out.set("balance_nano_usd", user.balance_nano_usd)
      .set("timezone", user.timezone)
      .set("locale", user.locale);
  out.set("settings", user.settings).set("metadata", user.metadata);
  out.set("usage_requests", std::int64_t{0}).set("usage_tokens", std::int64_t{0});
  out.set("usage_cost_nano_usd", std::int64_t{0}).set("last_login_at_ms", user.last_login_at);
  out.set("created_at_ms", user.created_at).set("updated_at_ms", user.updated_at);
  return out;
}

RedisFields to_fields(const UserChanges& changes, WallTime now) {
  RedisFields out;
  if (changes.email) out.set("email", changes.email->text());
  if (changes.username) out.set("username", changes.username->text());
  out.set_if("display_name", changes.display_name).set_if("password_hash", changes.password_hash);
  if (changes.status) out.set("status", to_string(*changes.status));
  if (changes.role) out.set("role", to_string(*changes.role));
  out.set_if("email_verified", changes.email_verified).set_if("plan_id", changes.plan);
  if (changes.limits) set(out, *changes.limits);
  if (changes.budget) set(out, *changes.budget);
  out.set_if("timezone", changes.timezone).set_if("locale", changes.locale);
  out.set_if("settings", changes.settings).set_if("metadata", changes.metadata);
  out.set("updated_at_ms", now);
  return out;
}

Task<> erase_in_pieces(RedisDatabase& database, RedisWords words) {
  CO_CHECK(co_await database.repeat(user_script(), std::move(words), kNoLimit));
  co_return ok;
}

}  // namespace

Task<> RedisUserStore::insert(User user) {
  return database_.perform(user_script(), RedisWords("insert").add(to_fields(user)));
}

Task<User> RedisUserStore::find(std::string user_id) {
  return read_one(database_, user_script(), RedisWords("find").add(std::move(user_id)), to_user);
}

Task<User> RedisUserStore::find_by_email(EmailAddress email) {
  return read_one(database_, user_script(), RedisWords("find_by_email").add(email.text()), to_user);
}

Task<User> RedisUserStore::update(std::string user_id, UserChanges changes, WallTime now) {
  RedisWords words("update");
  words.add(std::move(user_id)).add(to_fields(changes, now));
  return read_one(database_, user_script(), std::move(words), to_user);
}

Task<> RedisUserStore::record_login(std::string user_id, WallTime now) {
  return database_.perform(user_script(), RedisWords("record_login").add(std::move(user_id)).add(now));
}

Task<Page<User>> RedisUserStore::list(UserFilter filter, PageRequest page) {
  RedisWords words("list");
  words.add(filter.status ? to_string(*filter.status) : "").add(filter.role ? to_string(*filter.role) : "");
  words.add(std::move(filter.plan)).add(std::move(filter.search));
  return read_page(database_, user_script(), std::move(words), std::move(page), to_user);
}

// The first call makes nobody of the person and takes the open doors away; only for somebody with thousands
// of rows are more needed.
Task<> RedisUserStore::erase(std::string user_id, WallTime now) {
  return erase_in_pieces(database_, RedisWords("erase").add(std::move(user_id)).add(now));
}

Task<std::int64_t> RedisUserStore::delete_erased(WallTime before, int limit) {
  return database_.repeat(user_script(), RedisWords("delete_erased").add(before), limit);
}

}  // namespace relay
