#include "fakes/await.h"
#include "store/redis_maker.h"
#include "store/mariadb_database.h"
#include "store/sql/migrations.h"
#include "store/sql/sql_family.h"
#include "store/store_family.h"
#include "store/store_under_test.h"
#include "store/temporary_folder.h"

namespace relay::test {
namespace {

using SqlStores = StoreFamily<SqlFamily, StoreUnderTest>;

// The database is a base, so that it is there before the stores and goes after them.
struct SqliteHome {
  TemporaryFolder folder;
  SqlDatabase database{SqliteSettings{.path = folder.file("test.sqlite")}};
};
struct SqliteStores final : private SqliteHome, public SqlStores {
  SqliteStores() : SqlStores(database, AuditChain({kAuditSecret})) {
    await(migrate(database, WallTime())).value();
  }
};

struct MariadbHome {
  MariadbDatabase empty;
  SqlDatabase database{empty.settings()};
};
struct MariadbStores final : private MariadbHome, public SqlStores {
  MariadbStores() : SqlStores(database, AuditChain({kAuditSecret})) {}
};

}  // namespace

std::vector<StoreMaker> store_makers() {
  return {{"sqlite", []() -> std::unique_ptr<StoreUnderTest> { return std::make_unique<SqliteStores>(); }},
          {"mariadb", []() -> std::unique_ptr<StoreUnderTest> { return std::make_unique<MariadbStores>(); }},
          redis_maker(),
          redis_cluster_maker()};
}

}  // namespace relay::test
