// Invalidation between nodes that share a store and no Redis: by the revision row.
#pragma once

#include "async/own_loop.h"
#include "coordination/invalidation.h"
#include "store/revision_store.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace relay {

/// A change is told to the listeners of this node at once, and adds one to the revision behind the teller's
/// back; many at once add one together. Four times a second the revision is read: when others have added to
/// it, listeners hear anything_changed(), for the row does not say what. While the store is away what must be
/// added waits (it is a flag, not a list), and is added when it is back.
class StoreInvalidation final : public Invalidation {
 public:
  /// `store` must outlive it.
  explicit StoreInvalidation(RevisionStore& store) : store_(store) {}
  ~StoreInvalidation() override;

  /// After the last subscribe(): from here on it has a thread, on which listeners are called too.
  void start();
  /// Adds what waits, if the store is there. Before the store stops. May be called twice.
  void stop();

  /// One round, as the thread makes it four times a second: adds what waits, then reads. For tests: not while
  /// started.
  void look();

 private:
  void tell_others(std::string_view kind, std::string_view value) override;
  void run();
  Task<> exchange();

  RevisionStore& store_;
  OwnLoop loop_;
  std::optional<std::int64_t> seen_;  // the thread's; nothing before the first read
  bool store_failed_ = false;         // the thread's: told once, not with every look
  std::mutex mutex_;
  std::condition_variable woken_;
  bool change_waits_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace relay
