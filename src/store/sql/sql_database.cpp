#include "store/sql/sql_database.h"

#include "store/sql/dialect.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <filesystem>
#include <stdexcept>

namespace relay {

struct SqlDatabase::Connections {
  explicit Connections(std::size_t count) : pool(count) {}
  soci::connection_pool pool;
};

namespace {

void open_sqlite(soci::session& session, const SqliteSettings& settings) {
  // SOCI's option parser knows double quotes only and no escape in them.
  if (settings.path.find('"') != std::string::npos) throw std::runtime_error("a quote in the path");
  session.open(soci::sqlite3, "dbname=\"" + settings.path +
                                  "\" timeout=" + std::to_string(settings.wait_for_other_process.count()));
  session << "PRAGMA journal_mode=WAL";
  session << "PRAGMA synchronous=FULL";
  session << "PRAGMA foreign_keys=ON";
}

// The accounts of a team are nobody else's to read. SQLite gives its -wal and -shm files the same mode.
void keep_private(const std::string& path) {
  namespace fs = std::filesystem;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace

SqlDatabase::SqlDatabase(SqliteSettings settings)
    : dialect_(std::make_unique<Dialect>()),
      for_reading_(std::make_unique<Connections>(settings.readers)),
      for_writing_(std::make_unique<Connections>(1)),
      readers_(settings.readers, settings.queue_limit),
      writer_(1, settings.queue_limit) {
  try {
    open_sqlite(for_writing_->pool.at(0), settings);
    keep_private(settings.path);
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
    if (violation_of(caught)) {
      return Error(ErrorKind::conflict, "duplicate", "It exists already").because(std::move(cause));
    }
    if (dialect_->is_our_mistake(caught)) {
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
