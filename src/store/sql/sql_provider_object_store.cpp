#include "store/sql/sql_provider_object_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_delete.h"
#include "store/sql/sql_statement.h"

#include <algorithm>

namespace relay {
namespace {

constexpr const char* kObjectColumns =
    "id, provider, kind, user_id, key_id, account_id, model, purpose, batch_id, created_at_ms, expires_at_ms,"
    " usage_recorded";
constexpr int kObjectsMax = 1001;

struct ObjectRow {
  ProviderObject object;
  std::int64_t kind = 0;

  void define(SqlStatement& select) {
    select.into(object.id).into(object.provider).into(kind).into(object.user_id).into(object.key_id);
    select.into(object.account_id).into(object.model).into(object.purpose).into(object.batch_id);
    select.into(object.created_at).into(object.expires_at).into(object.usage_recorded);
  }
  ProviderObject value() const {
    auto copy = object;
    copy.kind = static_cast<ProviderObjectKind>(kind);
    return copy;
  }
};

bool has_owner(soci::session& sql, const std::string& user_id) {
  std::string status;
  SqlStatement select(sql);
  select.into(status).use(user_id).select("SELECT status FROM users WHERE id = :id");
  return select.fetch() && status != "deleted";
}

}  // namespace

Task<> SqlProviderObjectStore::insert(std::vector<ProviderObject> objects) {
  return database_.write(
      [objects = std::move(objects), &dialect = database_.dialect()](soci::session& sql) -> Result<> {
        for (const auto& object : objects) {
          if (!has_owner(sql, object.user_id)) continue;
          SqlStatement insert(sql);
          insert.use(object.id).use(object.provider).use(static_cast<std::int64_t>(object.kind));
          insert.use(object.user_id).use(object.key_id).use(object.account_id).use(object.model);
          insert.use(object.purpose).use(object.batch_id).use(object.created_at).use(object.expires_at);
          insert.use(object.usage_recorded);
          insert.run(std::string("INSERT INTO provider_objects (") + kObjectColumns +
                     ") VALUES (:id, :provider, :kind, :user, :key, :account, :model, :purpose, :batch, "
                     ":created, :expires, :recorded)" +
                     dialect.on_duplicate_keep("id"));
        }
        return ok;
      });
}

Task<ProviderObject> SqlProviderObjectStore::find(std::string id) {
  return database_.read([id = std::move(id)](soci::session& sql) -> Result<ProviderObject> {
    ObjectRow row;
    SqlStatement select(sql);
    row.define(select);
    select.use(id).select(std::string("SELECT ") + kObjectColumns + " FROM provider_objects WHERE id = :id");
    if (!select.fetch()) return Error(ErrorKind::not_found, "object_unknown", "No such object");
    return row.value();
  });
}

Task<std::vector<ProviderObject>> SqlProviderObjectStore::list(ProviderObjectQuery query) {
  return database_.read(
      [query = std::move(query)](soci::session& sql) -> Result<std::vector<ProviderObject>> {
        ObjectRow row;
        SqlStatement select(sql);
        row.define(select);
        std::string text = std::string("SELECT ") + kObjectColumns +
                           " FROM provider_objects WHERE user_id = :user AND provider = :provider AND kind = "
                           ":kind";
        select.use(query.user_id).use(query.provider).use(static_cast<std::int64_t>(query.kind));
        if (!query.purpose.empty()) {
          select.use(query.purpose);
          text += " AND purpose = :purpose";
        }
        const std::string follows = query.oldest_first ? ">" : "<";
        const std::string order = query.oldest_first ? "" : " DESC";
        if (query.behind) {
          select.use(query.behind->created_at_ms).use(query.behind->created_at_ms).use(query.behind->id);
          text += " AND (created_at_ms " + follows + " :behind OR (created_at_ms = :at AND id " + follows +
                  " :name))";
        }
        select.use(std::clamp(query.limit, 1, kObjectsMax));
        select.select(text + " ORDER BY created_at_ms" + order + ", id" + order + " LIMIT :limit");
        std::vector<ProviderObject> objects;
        while (select.fetch()) objects.push_back(row.value());
        return objects;
      });
}

Task<> SqlProviderObjectStore::set_usage_recorded(std::string id) {
  return database_.write([id = std::move(id)](soci::session& sql) -> Result<> {
    SqlStatement(sql).use(id).run("UPDATE provider_objects SET usage_recorded = 1 WHERE id = :id");
    return ok;
  });
}

Task<> SqlProviderObjectStore::remove(std::string id) {
  return database_.write([id = std::move(id)](soci::session& sql) -> Result<> {
    SqlStatement(sql).use(id).run("DELETE FROM provider_objects WHERE id = :id");
    return ok;
  });
}

Task<std::int64_t> SqlProviderObjectStore::delete_expired(WallTime before, int limit) {
  return database_.write([before, limit](soci::session& sql) -> Result<std::int64_t> {
    return delete_found(
        sql, "provider_objects",
        "SELECT id FROM provider_objects WHERE expires_at_ms < :before ORDER BY expires_at_ms LIMIT :limit",
        before, limit);
  });
}

}  // namespace relay
