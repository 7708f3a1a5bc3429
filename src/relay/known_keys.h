// What any worker of this node heard of keys last: so that what one has served, all can serve.
#pragma once

#include "base/clock.h"
#include "store/api_key_store.h"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace relay {

using SharedKeyAccess = std::shared_ptr<const KeyAccess>;

/// What the store said of a key, and when: before which changes and doubts (SnapshotGeneration).
struct KeyNews {
  SharedKeyAccess access{};  // null: there is no such key
  std::uint64_t changes = 0;
  std::uint64_t doubts = 0;
  SteadyTime read_at{};
};

/// One for all workers, thread-safe. Asked when a worker has no entry of its own, or an old one; told after
/// each look-up: never on the way of a call whose key its worker knows. At most 131,072 keys.
class KnownKeys {
 public:
  /// Kept unless something that was asked for later is there. Of a key that nobody knew, nothing is.
  void remember(const ApiKeyHash& hash, const KeyNews& news);
  std::optional<KeyNews> find(const ApiKeyHash& hash) const;

 private:
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<ApiKeyHash, KeyNews> keys;
  };
  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kKeysOfShardMax = 2'048;

  static std::size_t place_of(const ApiKeyHash& hash) { return std::hash<ApiKeyHash>()(hash) % kShards; }

  std::array<Shard, kShards> shards_;
};

}  // namespace relay
