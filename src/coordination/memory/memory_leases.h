// Concurrency leases of one node.
#pragma once

#include "coordination/lease.h"

#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

namespace relay {

/// Always answers at once. Of subjects without a running call it keeps a few thousand: whoever calls mostly
/// calls again.
class MemoryLeases final : public ConcurrencyLeases {
 public:
  std::optional<Lease> try_acquire(std::string_view subject, std::int64_t limit) override;
  Awaitable<Lease> acquire(std::string subject, std::int64_t limit) override;
  std::int64_t running(std::string_view subject) const;
  /// Subjects that are kept.
  std::size_t size() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Shard;
  struct Running {
    Shard* shard;
    std::int64_t calls = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Running, Hash, std::equal_to<>> subjects;
    std::size_t idle = 0;  // subjects without a running call
  };
  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kIdleMax = 64;

  void give_back(void* slot) override;
  Shard& shard_of(std::string_view subject) { return shards_[Hash{}(subject) % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace relay
