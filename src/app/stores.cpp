#include "app/stores.h"

#include "app/redis_stores.h"
#include "store/sql/migrations.h"
#include "store/sql/sql_family.h"
#include "store/store_family.h"

#include <stdexcept>

namespace relay {
namespace {

// A base, so that it is there before the stores and goes after them.
struct SqlHome {
  template <class DatabaseSettings>
  explicit SqlHome(DatabaseSettings settings) : database(std::move(settings)) {}
  SqlDatabase database;
};

class SqlStores final : private SqlHome, public StoreFamily<SqlFamily, Stores> {
 public:
  template <class DatabaseSettings>
  SqlStores(DatabaseSettings settings, AuditChain chain)
      : SqlHome(std::move(settings)), StoreFamily(database, std::move(chain)) {}
  ~SqlStores() override { database.stop(); }

  Task<std::vector<int>> migrate(WallTime now, std::optional<int> to) override {
    return relay::migrate(database, now, to);
  }
  Task<std::vector<int>> rollback(std::optional<int> to) override { return relay::rollback(database, to); }
  Task<MigrationStatus> status() override { return migration_status(database); }
  void stop() override { database.stop(); }
};

SqliteSettings sqlite_settings(const Settings& settings) {
  SqliteSettings sqlite;
  sqlite.path = settings.database_path();
  return sqlite;
}

MysqlSettings mysql_settings(const Settings& settings) {
  MysqlSettings mysql;
  mysql.host = settings.mysql_host;
  mysql.port = settings.mysql_port;
  mysql.user = settings.mysql_user;
  mysql.password = settings.mysql_password;
  mysql.database = settings.mysql_database;
  mysql.ca_file = settings.mysql_ssl_ca;
  mysql.connections = settings.mysql_connections;
  return mysql;
}

}  // namespace

std::unique_ptr<Stores> open_stores(const Settings& settings) {
  AuditChain chain(settings.encryption_keys);
  switch (settings.database_type) {
    case DatabaseType::sqlite:
      return std::make_unique<SqlStores>(sqlite_settings(settings), std::move(chain));
    case DatabaseType::mysql:
      return std::make_unique<SqlStores>(mysql_settings(settings), std::move(chain));
    case DatabaseType::redis:
      break;
  }
  return open_redis_stores(settings);
}

}  // namespace relay
