#include "store/sql/sql_database.h"

#include "store/sql/dialect.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <sys/stat.h>

#include <stdexcept>
#include <thread>

namespace relay {

struct SqlDatabase::Connections {
  explicit Connections(std::size_t count) : pool(count) {}
  soci::connection_pool pool;
};

namespace {

// The change to WAL of a file that is new to several processes at once fails at once for all but one of them:
// SQLite does not wait there (it would be a deadlock), so we do.
void use_wal(soci::session& session) {
  constexpr int kTries = 500;
  for (int tries = 1;; ++tries) {
    try {
      std::string mode;
      session << "PRAGMA journal_mode=WAL", soci::into(mode);
      if (mode != "wal") throw std::runtime_error("its file system can't share memory between processes");
      return;
    } catch (const soci::soci_error&) {
      if (tries == kTries) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

// Before SQLite's first use in the process; later it is refused, and nothing is lost but time. A connection
// is used by one thread at a time here, so it needs no lock of its own, and nobody reads SQLite's memory
// statistics, which are counted under a lock for all. A tenth of the CPU of a usage row.
void drop_needless_locks() {
  [[maybe_unused]] static const bool once = [] {
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return true;
  }();
}

// The usage writer's batches are some hundred pages each: a checkpoint at SQLite's 1,000 pages would come
// with every other batch and write the same index pages again and again. 16 MB of log at the most, 8 MB of
// pages in memory.
void tune_writer(soci::session& session) {
  session << "PRAGMA wal_autocheckpoint=4000";
  session << "PRAGMA cache_size=-8000";
}

void open_sqlite(soci::session& session, const SqliteSettings& settings) {
  // SOCI's option parser knows double quotes only and no escape in them.
  if (settings.path.find('"') != std::string::npos) throw std::runtime_error("a quote in the path");
  session.open(soci::sqlite3, "dbname=\"" + settings.path +
                                  "\" timeout=" + std::to_string(settings.wait_for_other_process.count()));
  use_wal(session);
  session << "PRAGMA synchronous=FULL";
  session << "PRAGMA foreign_keys=ON";
}

// The accounts of a team are nobody else's to read. SQLite gives its -wal and -shm files the same mode. mknod
// and not open: closing a file that SQLite has open elsewhere in this process would drop its locks.
void make_private(const std::string& path) {
  static_cast<void>(::mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0));  // it is there: as it should be
}

}  // namespace

SqlDatabase::SqlDatabase(SqliteSettings settings)
    : dialect_(std::make_unique<Dialect>()),
      for_reading_(std::make_unique<Connections>(settings.readers)),
      for_writing_(std::make_unique<Connections>(1)),
      readers_(settings.readers, settings.queue_limit),
      writer_(1, settings.queue_limit) {
  try {
    make_private(settings.path);
    drop_needless_locks();
    open_sqlite(for_writing_->pool.at(0), settings);
    tune_writer(for_writing_->pool.at(0));
    for (std::size_t i = 0; i < settings.readers; ++i) open_sqlite(for_reading_->pool.at(i), settings);
  } catch (const std::exception& caught) {
    throw std::runtime_error("Can't open the database " + settings.path + ": " + caught.what());
  }
}

SqlDatabase::~SqlDatabase() { stop(); }

void SqlDatabase::stop() {
  readers_.stop();
  writer_.stop();
}

SqlDatabase::Lease::Lease(Connections& connections)
    : connections_(connections), index_(connections.pool.lease()) {}

SqlDatabase::Lease::~Lease() { connections_.pool.give_back(index_); }

soci::session& SqlDatabase::Lease::session() { return connections_.pool.at(index_); }

SqlDatabase::Transaction::Transaction(soci::session& session, const Dialect& dialect) : session_(session) {
  session_ << dialect.begin_write();
}

SqlDatabase::Transaction::~Transaction() {
  if (!open_) return;
  try {
    session_ << "ROLLBACK";
  } catch (const std::exception&) {
    // The connection is broken, or the statement that failed has rolled back by itself.
  }
}

void SqlDatabase::Transaction::commit() {
  session_ << "COMMIT";
  open_ = false;
}

Error SqlDatabase::from_driver(std::exception_ptr exception) const {
  try {
    std::rethrow_exception(std::move(exception));
  } catch (const soci::soci_error& caught) {
    auto cause = caught.get_error_message();  // what() would add the bound values
    const auto violation = violation_of(caught);
    if (violation && violation->kind == ViolationKind::unique) {
      return Error(ErrorKind::conflict, "duplicate", "It exists already").because(std::move(cause));
    }
    if (violation && violation->kind == ViolationKind::foreign_key) {
      return Error(ErrorKind::conflict, "reference_broken", "Something it belongs to is not there")
          .because(std::move(cause));
    }
    if (violation || dialect_->is_our_mistake(caught)) {
      return Error(ErrorKind::internal, "store_failed", "Internal error").because(std::move(cause));
    }
    return Error(ErrorKind::unavailable, "store_unavailable", "The store is not available")
        .because(std::move(cause))
        .retry_in(std::chrono::seconds(1));
  } catch (const std::exception& caught) {
    return Error(ErrorKind::internal, "store_failed", "Internal error").because(caught.what());
  }
}

}  // namespace relay
