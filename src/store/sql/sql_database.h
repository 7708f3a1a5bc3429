// One SQL database: its connections and the pool threads that may block on them.
#pragma once

#include "async/blocking_pool.h"
#include "store/sql/sql_pool.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace relay {

class Dialect;

struct SqliteSettings {
  std::string path;  // of the file; made when missing, its folder must be there
  std::size_t readers = 2;
  std::size_t queue_limit = 1000;                  // of readers and of the writer each
  std::chrono::seconds wait_for_other_process{5};  // for the write lock, then unavailable
};

/// MySQL 8 or MariaDB 10.6 and newer.
struct MysqlSettings {
  std::string host = "127.0.0.1";  // "localhost" is 127.0.0.1 too, not a socket file
  std::uint16_t port = 3306;
  std::string user;
  std::string password;
  std::string database;            // made when it is missing and the account may
  std::string ca_file;             // set: TLS, and the server's certificate must be of this CA and for `host`
  std::size_t connections = 10;    // two at the least; two fifths of them write
  std::size_t queue_limit = 1000;  // of readers and of writers each
  std::chrono::seconds connect_timeout{5};
  std::chrono::seconds statement_timeout{5};  // by the server
  std::chrono::seconds answer_timeout{6};     // by the client: the network is bounded, too
};

/// Two transactions found the same thing missing and both made it: this one runs again. Thrown in a write.
struct RaceLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Thread-safe. As many connections as threads, so that none is waited for.
///
/// SQLite has one writer at a time: writes have one connection and one thread of their own, and wait in its
/// queue, in order, not in busy loops beside the readers. Every commit is synced (synchronous=FULL), the
/// usage writer's too. It commits a batch at a time, so that is a sync per batch, not per call; and it
/// deletes from its journal what was committed: with NORMAL a power cut could keep that deletion and lose the
/// commit.
///
/// MySQL has several writers, at READ COMMITTED: what a write checks before it acts on it, it locks
/// (Dialect::for_update). A connection that is lost is made anew. A read runs once more then; a write only
/// when its transaction had not begun. A lost COMMIT is unavailable: nobody knows whether it was done.
class SqlDatabase {
 public:
  /// Throws std::runtime_error with the database's name and the reason in plain words: start-up only.
  explicit SqlDatabase(SqliteSettings settings);
  explicit SqlDatabase(MysqlSettings settings);
  ~SqlDatabase();

  /// Runs `query` (callable: Result<T>(soci::session&)) on a reader's thread, outside a transaction. It may
  /// run twice.
  template <class Query>
  auto read(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>>;

  /// In a transaction on a writer's thread: committed, and durable, when `query` passes; rolled back when it
  /// fails. It runs again, in a new transaction, when another one was in its way (deadlock, lock wait,
  /// RaceLost), up to kWriteTries times, and once when the connection was lost before COMMIT was sent: it
  /// changes nothing outside that it could not change again.
  template <class Query>
  auto write(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>>;

  /// On a writer's thread outside a transaction, once: for what makes its own, such as migrations. On MySQL
  /// with a connection of its own whose statements may take an hour.
  template <class Query>
  auto administer(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>>;

  const Dialect& dialect() const { return *dialect_; }

  /// Waits for what runs; later calls are unavailable. Before the io_contexts go.
  void stop();

  /// Begun now, ROLLBACK unless committed. Belongs to one thread.
  class Transaction;

  static constexpr int kWriteTries = 5;

 private:
  /// Whether a failed read or write runs again; waits before it says yes to a write.
  class Tries;

  /// The one place that turns a driver's exception into an Error. Its cause has the driver's words without
  /// the values that were bound: they are passwords' and keys' hashes.
  Error from_driver(std::exception_ptr exception) const;

  std::unique_ptr<const Dialect> dialect_;
  std::unique_ptr<SqlPool> for_reading_;
  std::unique_ptr<SqlPool> for_writing_;
  SqlPool::Open open_for_administration_;  // MySQL's
  BlockingPool readers_;
  BlockingPool writers_;
};

class SqlDatabase::Transaction {
 public:
  Transaction(soci::session& session, const Dialect& dialect);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  soci::session& session_;
  bool open_ = true;
};

class SqlDatabase::Tries {
 public:
  explicit Tries(const Dialect& dialect);
  bool may_read_again(const std::exception_ptr& exception);
  bool may_write_again(const std::exception_ptr& exception, bool committing);

 private:
  bool is_lost(const std::exception_ptr& exception) const;
  bool was_in_the_way(const std::exception_ptr& exception) const;
  const Dialect& dialect_;
  const SystemClock clock_;
  const SteadyTime began_;
  int tries_ = 0;
  int losses_ = 0;
};

template <class Query>
auto SqlDatabase::read(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>> {
  using Outcome = std::invoke_result_t<Query&, soci::session&>;
  auto work = [this, query = std::move(query)]() mutable -> Outcome {
    for (Tries tries(*dialect_);;) {
      try {
        return SqlPool::Lease(*for_reading_).run(query);
      } catch (...) {
        const auto exception = std::current_exception();
        if (!tries.may_read_again(exception)) return from_driver(exception);
      }
    }
  };
  return readers_.run(std::move(work));
}

template <class Query>
auto SqlDatabase::write(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>> {
  using Outcome = std::invoke_result_t<Query&, soci::session&>;
  auto work = [this, query = std::move(query)]() mutable -> Outcome {
    for (Tries tries(*dialect_);;) {
      bool committing = false;
      const auto transact = [&](soci::session& session) -> Outcome {
        Transaction transaction(session, *dialect_);
        auto outcome = query(session);
        committing = outcome.has_value();
        if (committing) transaction.commit();
        return outcome;
      };
      try {
        return SqlPool::Lease(*for_writing_).run(transact);
      } catch (...) {
        const auto exception = std::current_exception();
        if (!tries.may_write_again(exception, committing)) return from_driver(exception);
      }
    }
  };
  return writers_.run(std::move(work));
}

template <class Query>
auto SqlDatabase::administer(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>> {
  using Outcome = std::invoke_result_t<Query&, soci::session&>;
  auto work = [this, query = std::move(query)]() mutable -> Outcome {
    try {
      if (!open_for_administration_) return SqlPool::Lease(*for_writing_).run(query);
      SqlPool once(1, *dialect_, open_for_administration_);
      return SqlPool::Lease(once).run(query);
    } catch (...) {
      return from_driver(std::current_exception());
    }
  };
  return writers_.run(std::move(work));
}

}  // namespace relay
