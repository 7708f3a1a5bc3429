#include "store/sql/sql_revision_store.h"

#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

namespace relay {
namespace {

Result<std::int64_t> select_revision(soci::session& sql) {
  std::int64_t revision = 0;
  SqlStatement select(sql);
  select.into(revision).select("SELECT revision FROM revisions WHERE name = 'cached'");
  if (select.fetch()) return revision;
  return Error(ErrorKind::internal, "revision_missing", "Internal error").because("no row in revisions");
}

}  // namespace

Task<std::int64_t> SqlRevisionStore::bump() {
  return database_.write([](soci::session& sql) -> Result<std::int64_t> {
    SqlStatement(sql).run("UPDATE revisions SET revision = revision + 1 WHERE name = 'cached'");
    return select_revision(sql);
  });
}

Task<std::int64_t> SqlRevisionStore::current() {
  return database_.read([](soci::session& sql) { return select_revision(sql); });
}

}  // namespace relay
