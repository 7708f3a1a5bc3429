// Whose the files, batches and stored responses are, as this node knows it and as the store does.
#pragma once

#include "async/own_loop.h"
#include "base/clock.h"
#include "coordination/expiring_map.h"
#include "domain/provider_object.h"
#include "store/provider_object_store.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace relay {

/// One for all workers. What was made or looked up lately is in memory (20,000 objects, 10 minutes); what
/// need not be in the store before a call ends is written behind it, by a thread of its own: in order, some
/// 100 ms later, again and again while the store is away. A queue of 20,000 takes no more; a kill loses what
/// is in it. Thread-safe.
class ProviderObjects {
 public:
  struct Parts {  // both must outlive it
    ProviderObjectStore& store;
    const Clock& clock;
  };
  explicit ProviderObjects(Parts parts) : parts_(parts) {}
  ~ProviderObjects();  // stop()
  ProviderObjects(const ProviderObjects&) = delete;
  ProviderObjects& operator=(const ProviderObjects&) = delete;

  void start();
  /// Tries once more to store what waits. Before the store stops. May be called twice.
  void stop();

  /// What this node knows without asking.
  std::optional<ProviderObject> known(const std::string& id) const;
  /// Nothing when nobody is known to have it. unavailable when the store must be asked and is away.
  Task<std::optional<ProviderObject>> find(std::string id);

  /// Stored when it returns; in the queue when the store is away. What is there already stays as it is.
  Awaitable<void> add(std::vector<ProviderObject> objects);
  /// At once, for a call that must not wait.
  void add_later(ProviderObject object);

  /// Whether this node has not been asked for this line of a batch's results lately: among the last 50,000,
  /// and within a day.
  bool is_first_reading(const std::string& attempt_id);

  /// Newest or oldest first. The store's errors.
  Task<std::vector<ProviderObject>> list(ProviderObjectQuery query) {
    return parts_.store.list(std::move(query));
  }

  /// It is gone at the provider. What the store does not hear goes when the object expires.
  Awaitable<void> forget(std::string id);
  /// Its results were read to the end, and are recorded. Said to nobody it is only read once more.
  Awaitable<void> set_usage_recorded(ProviderObject object);

 private:
  void remember(const ProviderObject& object);
  void enqueue(ProviderObject object);
  void run();
  std::vector<ProviderObject> take_waiting();
  void put_back(std::vector<ProviderObject> objects);

  const Parts parts_;
  OwnLoop loop_;
  mutable std::mutex mutex_;  // of all below
  mutable ExpiringMap<ProviderObject> known_{20'000};
  ExpiringMap<bool> read_lines_{50'000};
  std::deque<ProviderObject> waiting_;
  std::condition_variable news_;
  bool stopping_ = false;
  bool full_told_ = false;
  std::thread thread_;
};

}  // namespace relay
