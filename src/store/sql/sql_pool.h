// Connections to one database, lent to the threads that use them.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace soci {
class session;
}

namespace relay {

class Dialect;

/// Thread-safe. As many connections as threads that borrow, so that none is waited for. One is opened when it
/// is first lent; one that was idle for half a minute, or that lived through the loss of another, is asked
/// first, and made anew when it is gone. After a try that failed all others fail at once for a moment: a
/// store that swallows packets must not hold every thread for a connect timeout.
class SqlPool {
 public:
  using Open = std::function<void(soci::session&)>;

  /// `open` throws soci_error. The dialect must outlive the pool.
  SqlPool(std::size_t count, const Dialect& dialect, Open open);
  ~SqlPool();

  /// Opens one, or all: for who wants to know at once. Throws what `open` throws.
  void open_one();
  void open_all();

  class Lease;

 private:
  struct Slot;
  Slot* take();
  void give_back(Slot* slot);
  void make_ready(Slot& slot);
  void connect(Slot& slot);
  void note(Slot& slot, const std::exception_ptr& exception);

  const Dialect& dialect_;
  const Open open_;
  const SystemClock clock_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::mutex mutex_;
  std::vector<Slot*> idle_;          // the one used last is lent first
  std::uint64_t losses_ = 0;         // how often a connection was lost
  SteadyTime refused_until_{};       // no try before
  std::exception_ptr refused_with_;  // what the last try met
};

/// A connection that was good a moment ago; given back when this goes. Belongs to one thread.
class SqlPool::Lease {
 public:
  /// Throws soci_error when there is no connection to be had.
  explicit Lease(SqlPool& pool);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  /// What `use` (callable with soci::session&) returns. A connection that is lost under it is not lent again.
  template <class Use>
  auto run(Use&& use) {
    try {
      return use(session());
    } catch (...) {
      pool_.note(*slot_, std::current_exception());
      throw;
    }
  }

 private:
  soci::session& session();
  SqlPool& pool_;
  Slot* slot_;
};

}  // namespace relay
