#include "store/sql/sql_secret_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"
#include "text/base64.h"

namespace relay {
namespace {

Result<std::string> select_sealed(soci::session& sql, const std::string& name) {
  std::string text;
  SqlStatement select(sql);
  select.into(text).use(name).select("SELECT sealed FROM sealed_secrets WHERE name = :name");
  if (!select.fetch()) return Error(ErrorKind::not_found, "secret_unknown", "There is no such secret");
  auto sealed = parse_base64(text);
  if (!sealed)
    return Error(ErrorKind::internal, "bad_secret", "Internal error").because("not base64: " + name);
  return std::move(*sealed);
}

}  // namespace

Task<std::string> SqlSecretStore::find(std::string name) {
  return database_.read([name = std::move(name)](soci::session& sql) { return select_sealed(sql, name); });
}

Task<std::string> SqlSecretStore::put_if_absent(std::string name, std::string sealed, WallTime now) {
  return database_.write([name = std::move(name), sealed = std::move(sealed), now,
                          &dialect = database_.dialect()](soci::session& sql) -> Result<std::string> {
    SqlStatement insert(sql);
    insert.use(name).use(to_base64(sealed)).use(now);
    insert.run("INSERT INTO sealed_secrets (name, sealed, created_at_ms) VALUES (:name, :sealed, :now)" +
               dialect.on_duplicate_keep("name"));
    return select_sealed(sql, name);
  });
}

Task<bool> SqlSecretStore::reseal(std::string name, std::string before, std::string after) {
  return database_.write([name = std::move(name), before = std::move(before),
                          after = std::move(after)](soci::session& sql) -> Result<bool> {
    SqlStatement update(sql);
    update.use(to_base64(after)).use(name).use(to_base64(before));
    return update.run("UPDATE sealed_secrets SET sealed = :after WHERE name = :name AND sealed = :before") >
           0;
  });
}

}  // namespace relay
