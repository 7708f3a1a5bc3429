// One SQL database: its connections and the pool threads that may block on them.
#pragma once

#include "async/blocking_pool.h"

#include <chrono>
#include <memory>
#include <string>

namespace soci {
class session;
}

namespace relay {

class Dialect;

struct SqliteSettings {
  std::string path;  // of the file; made when missing, its folder must be there
  std::size_t readers = 2;
  std::size_t queue_limit = 1000;                  // of readers and of the writer each
  std::chrono::seconds wait_for_other_process{5};  // for the write lock, then unavailable
};

/// Thread-safe. As many connections as threads, so that none is waited for. SQLite has one writer at a
/// time: writes have one connection and one thread of their own, and wait in its queue, in order, not in
/// busy loops beside the readers.
///
/// Every commit is synced (synchronous=FULL), the usage writer's too. It commits a batch at a time, so
/// that is a sync per batch, not per call; and it deletes from its journal what was committed: with NORMAL
/// a power cut could keep that deletion and lose the commit.
class SqlDatabase {
 public:
  /// Throws std::runtime_error with the file's name and the reason: start-up only.
  explicit SqlDatabase(SqliteSettings settings);
  ~SqlDatabase();

  /// Runs `query` (callable: Result<T>(soci::session&)) on a reader's thread, outside a transaction.
  template <class Query>
  auto read(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>>;

  /// In a transaction on the writer's thread: committed, and durable, when `query` passes; rolled back when
  /// it fails.
  template <class Query>
  auto write(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>>;

  /// On the writer's thread outside a transaction: for what makes its own, such as migrations.
  template <class Query>
  auto administer(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>>;

  const Dialect& dialect() const { return *dialect_; }

  /// Waits for what runs; later calls are unavailable. Before the io_contexts go.
  void stop();

  /// The write lock now, ROLLBACK unless committed. Belongs to one thread.
  class Transaction;

 private:
  struct Connections;

  /// A connection, given back when it goes.
  class Lease {
   public:
    explicit Lease(Connections& connections);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    soci::session& session();

   private:
    Connections& connections_;
    std::size_t index_;
  };

  /// The one place that turns a driver's exception into an Error. Its cause has the driver's words without
  /// the values that were bound: they are passwords' and keys' hashes.
  Error from_driver(std::exception_ptr exception) const;

  std::unique_ptr<const Dialect> dialect_;
  std::unique_ptr<Connections> for_reading_;
  std::unique_ptr<Connections> for_writing_;
  BlockingPool readers_;
  BlockingPool writer_;
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

template <class Query>
auto SqlDatabase::read(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>> {
  using Outcome = std::invoke_result_t<Query&, soci::session&>;
  auto work = [this, query = std::move(query)]() mutable -> Outcome {
    try {
      Lease lease(*for_reading_);
      return query(lease.session());
    } catch (...) {
      return from_driver(std::current_exception());
    }
  };
  return readers_.run(std::move(work));
}

template <class Query>
auto SqlDatabase::write(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>> {
  using Outcome = std::invoke_result_t<Query&, soci::session&>;
  auto work = [this, query = std::move(query)]() mutable -> Outcome {
    try {
      Lease lease(*for_writing_);
      Transaction transaction(lease.session(), *dialect_);
      auto outcome = query(lease.session());
      if (outcome.has_value()) transaction.commit();
      return outcome;
    } catch (...) {
      return from_driver(std::current_exception());
    }
  };
  return writer_.run(std::move(work));
}

template <class Query>
auto SqlDatabase::administer(Query query) -> Awaitable<std::invoke_result_t<Query&, soci::session&>> {
  using Outcome = std::invoke_result_t<Query&, soci::session&>;
  auto work = [this, query = std::move(query)]() mutable -> Outcome {
    try {
      Lease lease(*for_writing_);
      return query(lease.session());
    } catch (...) {
      return from_driver(std::current_exception());
    }
  };
  return writer_.run(std::move(work));
}

}  // namespace relay
