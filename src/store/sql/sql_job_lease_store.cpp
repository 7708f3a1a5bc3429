#include "store/sql/sql_job_lease_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

namespace relay {

Task<bool> SqlJobLeaseStore::take(std::string job, std::string holder, WallTime now, WallTime until) {
  return database_.write([job = std::move(job), holder = std::move(holder), now, until,
                          &dialect = database_.dialect()](soci::session& sql) -> Result<bool> {
    SqlStatement insert(sql);
    insert.use(job).run("INSERT INTO job_leases (job) VALUES (:job)" + dialect.on_duplicate_keep("job"));
    SqlStatement take(sql);
    take.use(holder).use(until).use(job).use(holder).use(now);
    const auto taken = take.run(
        "UPDATE job_leases SET holder = :holder, lease_until_ms = :until"
        " WHERE job = :job AND (holder = :same OR lease_until_ms <= :now)");
    return taken == 1;
  });
}

}  // namespace relay
