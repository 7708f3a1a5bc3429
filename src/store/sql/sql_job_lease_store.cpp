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

Task<std::string> SqlJobLeaseStore::last_holder(std::string job) {
  return database_.read([job = std::move(job)](soci::session& sql) -> Result<std::string> {
    std::string holder;
    SqlStatement select(sql);
    select.into(holder).use(job).select("SELECT holder FROM job_leases WHERE job = :job");
    if (!select.fetch()) holder.clear();
    return holder;
  });
}

Task<> SqlJobLeaseStore::forget(std::string job, std::string holder) {
  return database_.write([job = std::move(job), holder = std::move(holder)](soci::session& sql) -> Result<> {
    SqlStatement forget(sql);
    forget.use(job).use(holder).run("DELETE FROM job_leases WHERE job = :job AND holder = :holder");
    return ok;
  });
}

}  // namespace relay
