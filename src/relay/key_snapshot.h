// What the relay knows of keys without asking the store: one cache per worker.
#pragma once

#include "base/clock.h"
#include "coordination/invalidation.h"
#include "store/api_key_store.h"

#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

namespace relay {

using SharedKeyAccess = std::shared_ptr<const KeyAccess>;

/// Counts the changes that any cached snapshot may have missed. One for all workers; thread-safe.
class SnapshotGeneration final : public Invalidation::Listener {
 public:
  void key_changed(const ApiKeyHash&) override { bump(); }
  void user_changed(const std::string&) override { bump(); }
  void plan_changed(const std::string&) override { bump(); }
  std::uint64_t now() const { return generation_.load(std::memory_order_acquire); }

 private:
  void bump() { generation_.fetch_add(1, std::memory_order_release); }
  std::atomic<std::uint64_t> generation_{1};
};

/// Used on its worker's thread only. A snapshot is used for a second, then renewed behind the caller's
/// back; after a change that this node has heard of it is renewed before it is used again. While the
/// store is away snapshots that nobody has changed stay good for an hour. Unknown keys are remembered
/// for a second, so that a client with a bad key costs the store one look-up a second.
class KeySnapshots {
 public:
  struct Parts {  // all must outlive it, and the coroutines it starts
    ApiKeyStore& keys;
    const SnapshotGeneration& generation;
    const Clock& clock;
    IoExecutor executor;
  };
  explicit KeySnapshots(Parts parts) : parts_(std::move(parts)) {}

  /// What can be said at once. Null: ask fetch().
  SharedKeyAccess cached(const ApiKeyHash& hash);

  /// unauthorized "api_key_unknown"; unavailable when the store is away and nothing is cached. Callers
  /// that ask for one key at the same time share one look-up.
  Task<SharedKeyAccess> fetch(ApiKeyHash hash);

 private:
  struct Entry {
    SharedKeyAccess access;  // null: known to be unknown
    std::uint64_t generation = 0;
    SteadyTime read_at;
    bool renewing = false;
  };
  struct Flight;

  Task<SharedKeyAccess> look_up(ApiKeyHash hash);
  Awaitable<void> renew(ApiKeyHash hash);
  void make_room();

  Parts parts_;
  std::unordered_map<ApiKeyHash, Entry> entries_;
  std::unordered_map<ApiKeyHash, std::shared_ptr<Flight>> flights_;
};

}  // namespace relay
