#include "store/sql/sql_database.h"

#include "base/random.h"
#include "store/sql/mysql_connection.h"
#include "store/sql/mysql_dialect.h"
#include "store/sql/sqlite_connection.h"
#include "store/sql/sqlite_dialect.h"

#include <soci/soci.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace relay {
namespace {

constexpr std::chrono::milliseconds kFirstWait{10};
constexpr std::chrono::seconds kTriesTime{12};  // a lock wait takes three of them

std::size_t writers_of(const MysqlSettings& settings) {
  return std::max<std::size_t>(1, settings.connections * 2 / 5);
}

std::size_t readers_of(const MysqlSettings& settings) {
  return std::max(settings.connections, writers_of(settings) + 1) - writers_of(settings);
}

// Twice as long each time, and another time for each: who met once meets no more.
void wait_before_try(int tries) {
  std::byte drawn{};
  SystemRandom().fill({&drawn, 1});
  const auto most = kFirstWait * (1 << tries);
  std::this_thread::sleep_for(most / 2 + most * std::to_integer<int>(drawn) / 512);
}

}  // namespace

SqlDatabase::SqlDatabase(SqliteSettings settings)
    : dialect_(std::make_unique<SqliteDialect>()),
      for_reading_(std::make_unique<SqlPool>(
          settings.readers, *dialect_,
          [settings](soci::session& session) { open_sqlite_reader(session, settings); })),
      for_writing_(std::make_unique<SqlPool>(
          1, *dialect_, [settings](soci::session& session) { open_sqlite_writer(session, settings); })),
      readers_(settings.readers, settings.queue_limit),
      writers_(1, settings.queue_limit) {
  try {
    prepare_sqlite(settings);
    for_writing_->open_all();
    for_reading_->open_all();
  } catch (const std::exception& caught) {
    throw std::runtime_error("Can't open the database " + settings.path + ": " + caught.what());
  }
}

SqlDatabase::SqlDatabase(MysqlSettings settings)
    : dialect_(std::make_unique<MysqlDialect>()),
      for_reading_(
          std::make_unique<SqlPool>(readers_of(settings), *dialect_,
                                    [settings](soci::session& session) { open_mysql(session, settings); })),
      for_writing_(
          std::make_unique<SqlPool>(writers_of(settings), *dialect_,
                                    [settings](soci::session& session) { open_mysql(session, settings); })),
      open_for_administration_([settings](soci::session& session) { open_mysql_patient(session, settings); }),
      readers_(readers_of(settings), settings.queue_limit),
      writers_(writers_of(settings), settings.queue_limit) {
  prepare_mysql(settings);
}

SqlDatabase::~SqlDatabase() { stop(); }

void SqlDatabase::stop() {
  readers_.stop();
  writers_.stop();
}

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

SqlDatabase::Tries::Tries(const Dialect& dialect) : dialect_(dialect), began_(clock_.steady_now()) {}

bool SqlDatabase::Tries::is_lost(const std::exception_ptr& exception) const {
  try {
    std::rethrow_exception(exception);
  } catch (const soci::soci_error& caught) {
    return dialect_.fault_of(caught) == FaultKind::lost;
  } catch (...) {
    return false;
  }
}

bool SqlDatabase::Tries::was_in_the_way(const std::exception_ptr& exception) const {
  try {
    std::rethrow_exception(exception);
  } catch (const RaceLost&) {
    return true;
  } catch (const soci::soci_error& caught) {
    return dialect_.fault_of(caught) == FaultKind::conflict;
  } catch (...) {
    return false;
  }
}

bool SqlDatabase::Tries::may_read_again(const std::exception_ptr& exception) {
  return tries_++ == 0 && is_lost(exception);
}

bool SqlDatabase::Tries::may_write_again(const std::exception_ptr& exception, bool committing) {
  ++tries_;
  if (is_lost(exception)) return !committing && ++losses_ == 1;
  if (!was_in_the_way(exception) || tries_ >= kWriteTries) return false;
  if (clock_.steady_now() - began_ > kTriesTime) return false;
  wait_before_try(tries_);
  return true;
}

Error SqlDatabase::from_driver(std::exception_ptr exception) const {
  try {
    std::rethrow_exception(std::move(exception));
  } catch (const soci::soci_error& caught) {
    auto cause = dialect_->words_of(caught);
    const auto violation = violation_of(caught);
    if (violation && violation->kind == ViolationKind::unique) {
      return Error(ErrorKind::conflict, "duplicate", "It exists already").because(std::move(cause));
    }
    if (violation && violation->kind == ViolationKind::foreign_key) {
      return Error(ErrorKind::conflict, "reference_broken", "Something it belongs to is not there")
          .because(std::move(cause));
    }
    if (violation || dialect_->fault_of(caught) == FaultKind::mistake) {
      return Error(ErrorKind::internal, "store_failed", "Internal error").because(std::move(cause));
    }
    return Error(ErrorKind::unavailable, "store_unavailable", "The store is not available")
        .because(std::move(cause))
        .retry_in(std::chrono::seconds(1));
  } catch (const RaceLost& caught) {
    return Error(ErrorKind::unavailable, "store_unavailable", "The store is not available")
        .because(caught.what())
        .retry_in(std::chrono::seconds(1));
  } catch (const std::exception& caught) {
    return Error(ErrorKind::internal, "store_failed", "Internal error").because(caught.what());
  }
}

}  // namespace relay
