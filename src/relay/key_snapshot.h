// What the relay knows of keys without asking the store: one cache per worker.
#pragma once

#include "base/clock.h"
#include "relay/known_keys.h"
#include "relay/snapshot_generation.h"
#include "store/api_key_store.h"

#include <memory>
#include <optional>
#include <unordered_map>

namespace relay {

/// Used on its worker's thread only. By the age of what the store said last:
///   up to 1 s    used;
///   up to 10 s   used, and renewed behind the caller's back, unless a change was perhaps not heard of;
///   up to 1 h    looked up before use; used as it is only when the store is unavailable.
/// After a change of the key, its user or its plan that this node has heard of it is looked up before use in
/// any case, store or no store.
/// Once a look-up has found the store away, callers wait for it no more: what is cached is used, and one
/// look-up a second behind their backs tries whether the store is there again. That ends with the first that
/// passes, or after 10 s in which nobody tried.
/// What another worker of this node heard later, or alone, counts as if this one had.
/// Unknown keys are remembered for a second, so that a client with a bad key costs the store one look-up a
/// second.
class KeySnapshots {
 public:
  struct Parts {  // all must outlive it, and the coroutines it starts
    ApiKeyStore& keys;
    const SnapshotGeneration& generation;
    KnownKeys& known;
    const Clock& clock;
    IoExecutor executor;
    /// How long a caller whose key is known waits for a store that says nothing, before the old snapshot is
    /// used.
    std::chrono::milliseconds patience{1'000};
  };
  explicit KeySnapshots(Parts parts) : parts_(std::move(parts)) {}

  /// What can be said at once. Null: ask fetch().
  SharedKeyAccess cached(const ApiKeyHash& hash);

  /// unauthorized "api_key_unknown", said by the store and never for want of it; unavailable when the store
  /// is away and nothing is cached. Callers that ask for one key at the same time share one look-up.
  Task<SharedKeyAccess> fetch(ApiKeyHash hash);

 private:
  struct Entry : KeyNews {  // without an access: known to be unknown
    bool renewing = false;
  };
  struct Flight;

  /// What may still be used when the store can't be asked.
  SharedKeyAccess usable(const ApiKeyHash& hash, Entry& entry) const;
  SharedKeyAccess usable_of(const ApiKeyHash& hash);
  Result<SharedKeyAccess> without_store(const ApiKeyHash& hash, Error failure);
  bool is_store_away() const;
  void renew_behind(const ApiKeyHash& hash, Entry& entry);
  void adopt(const ApiKeyHash& hash);
  Task<SharedKeyAccess> look_up(ApiKeyHash hash);
  std::shared_ptr<Flight> take_off(const ApiKeyHash& hash);
  Awaitable<void> fly(ApiKeyHash hash, std::shared_ptr<Flight> flight);
  Awaitable<void> renew(ApiKeyHash hash, bool tries_store);
  void make_room();

  Parts parts_;
  std::unordered_map<ApiKeyHash, Entry> entries_;
  std::unordered_map<ApiKeyHash, std::shared_ptr<Flight>> flights_;
  std::optional<SteadyTime> store_failed_at_;  // nothing once a look-up has passed
  bool trying_store_ = false;                  // the one look-up a second, while it is away
};

}  // namespace relay
