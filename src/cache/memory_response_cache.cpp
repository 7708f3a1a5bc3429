#include "cache/memory_response_cache.h"

#include <algorithm>

namespace relay {
namespace {

constexpr std::size_t kShardsMax = 16;
constexpr std::size_t kEntriesOfShard = 8;  // that have room at the least, however large
constexpr std::size_t kBesideBody = 512;    // the nodes of list and map, the control block

std::size_t shards_for(const ResponseCacheLimits& limits) {
  const auto fitting = limits.bytes_max / (kEntriesOfShard * std::max<std::size_t>(limits.body_bytes_max, 1));
  return std::clamp<std::size_t>(fitting, 1, kShardsMax);
}

std::size_t bytes_of(const KeptAnswer& answer) {
  auto bytes = kBesideBody + answer.body.capacity() + answer.model.capacity() + answer.message_id.capacity();
  for (const auto& header : answer.headers)
    bytes += sizeof header + header.name.capacity() + header.value.capacity();
  return bytes;
}

}  // namespace

MemoryResponseCache::MemoryResponseCache(const ResponseCacheLimits& limits, const Clock& clock)
    : limits_(limits), clock_(clock), shards_(shards_for(limits)) {}

void MemoryResponseCache::move_out(Shard& shard, Entries::iterator entry, Entries& out) {
  shard.bytes -= entry->bytes;
  shard.by_key.erase(entry->key);
  out.splice(out.end(), shard.entries, entry);
}

FoundAnswer MemoryResponseCache::find(const CacheKey& key, std::chrono::milliseconds ttl) {
  const auto now = clock_.steady_now();
  auto& shard = shard_of(key);
  Entries gone;  // destroyed behind the lock
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_key.find(key);
  if (found == shard.by_key.end()) return {};
  const auto entry = found->second;
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - entry->kept_at);
  if (age >= entry->ttl) {
    move_out(shard, entry, gone);
    return {};
  }
  if (age >= ttl) return {};
  shard.entries.splice(shard.entries.begin(), shard.entries, entry);
  return {.answer = entry->answer, .age = age};
}

void MemoryResponseCache::keep(const CacheKey& key, KeptAnswer answer, std::chrono::milliseconds ttl) {
  if (answer.body.size() > limits_.body_bytes_max) return;
  answer.body.shrink_to_fit();
  const auto bytes = bytes_of(answer);
  const auto bytes_max = limits_.bytes_max / shards_.size();
  if (bytes > bytes_max) return;
  Entries made;
  made.push_back({.key = key,
                  .answer = std::make_shared<const KeptAnswer>(std::move(answer)),
                  .bytes = bytes,
                  .kept_at = clock_.steady_now(),
                  .ttl = ttl});
  auto& shard = shard_of(key);
  Entries gone;  // destroyed behind the lock
  const std::lock_guard lock(shard.mutex);
  if (const auto before = shard.by_key.find(key); before != shard.by_key.end())
    move_out(shard, before->second, gone);
  while (shard.bytes + bytes > bytes_max) move_out(shard, std::prev(shard.entries.end()), gone);
  shard.entries.splice(shard.entries.begin(), made);
  shard.by_key.emplace(key, shard.entries.begin());
  shard.bytes += bytes;
}

CacheFigures MemoryResponseCache::figures() const {
  CacheFigures figures;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    figures.entries += shard.entries.size();
    figures.bytes += shard.bytes;
  }
  return figures;
}

}  // namespace relay
