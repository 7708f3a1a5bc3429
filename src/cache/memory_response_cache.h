// The answers that one node keeps, in its memory.
#pragma once

#include "cache/response_cache.h"

#include <cstdint>
#include <cstring>
#include <list>
#include <mutex>
#include <unordered_map>

namespace relay {

struct ResponseCacheLimits {
  std::size_t bytes_max = 0;  // of all entries, with what they take beside their bodies
  std::size_t body_bytes_max = 0;
  std::chrono::milliseconds default_ttl{0};
};

/// Shared by all workers. In shards with a lock each, which is held for a look-up or a move of pointers: what
/// is thrown out is given back behind it. The entry that was not asked for the longest goes first; one past
/// its time when it is met.
class MemoryResponseCache final : public ResponseCache {
 public:
  /// `clock` must outlive it.
  MemoryResponseCache(const ResponseCacheLimits& limits, const Clock& clock);

  FoundAnswer find(const CacheKey& key, std::chrono::milliseconds ttl) override;
  void keep(const CacheKey& key, KeptAnswer answer, std::chrono::milliseconds ttl) override;
  std::size_t body_bytes_max() const override { return limits_.body_bytes_max; }
  std::chrono::milliseconds default_ttl() const override { return limits_.default_ttl; }
  CacheFigures figures() const override;

 private:
  struct Entry {
    CacheKey key;
    std::shared_ptr<const KeptAnswer> answer;
    std::size_t bytes = 0;
    SteadyTime kept_at{};
    std::chrono::milliseconds ttl{0};
  };
  using Entries = std::list<Entry>;  // what was asked for last stands first
  struct Hash {
    // The bytes are a digest: any eight of them are a good hash.
    std::size_t operator()(const CacheKey& key) const {
      std::size_t out;
      std::memcpy(&out, key.data(), sizeof out);
      return out;
    }
  };
  struct Shard {
    mutable std::mutex mutex;
    Entries entries;
    std::unordered_map<CacheKey, Entries::iterator, Hash> by_key;
    std::size_t bytes = 0;
  };

  static void move_out(Shard& shard, Entries::iterator entry, Entries& out);
  Shard& shard_of(const CacheKey& key) { return shards_[key.back() % shards_.size()]; }

  ResponseCacheLimits limits_;
  const Clock& clock_;
  std::vector<Shard> shards_;
};

}  // namespace relay
