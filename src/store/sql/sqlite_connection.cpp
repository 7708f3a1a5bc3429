#include "store/sql/sqlite_connection.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <sys/stat.h>

#include <stdexcept>
#include <thread>

namespace relay {
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

void prepare_sqlite(const SqliteSettings& settings) {
  make_private(settings.path);
  drop_needless_locks();
}

void open_sqlite_reader(soci::session& session, const SqliteSettings& settings) {
  open_sqlite(session, settings);
}

void open_sqlite_writer(soci::session& session, const SqliteSettings& settings) {
  open_sqlite(session, settings);
  tune_writer(session);
}

}  // namespace relay
