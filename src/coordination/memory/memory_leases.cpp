#include "coordination/memory/memory_leases.h"

namespace relay {

// A slot is the map's own node: its address stays while the node does, which is while it is leased.
std::optional<Lease> MemoryLeases::try_acquire(std::string_view subject, std::int64_t limit) {
  auto& shard = shard_of(subject);
  const std::lock_guard lock(shard.mutex);
  auto found = shard.running.find(subject);
  if (found == shard.running.end()) found = shard.running.emplace(subject, 0).first;
  if (found->second >= limit) return Lease();
  ++found->second;
  return Lease(*this, &*found);
}

Awaitable<Lease> MemoryLeases::acquire(std::string subject, std::int64_t limit) {
  auto lease = try_acquire(subject, limit);
  co_return std::move(*lease);
}

void MemoryLeases::give_back(void* slot) {
  auto& entry = *static_cast<decltype(Shard::running)::value_type*>(slot);
  auto& shard = shard_of(entry.first);
  const std::lock_guard lock(shard.mutex);
  if (--entry.second == 0) shard.running.erase(shard.running.find(entry.first));
}

std::int64_t MemoryLeases::running(std::string_view subject) const {
  const auto& shard = shards_[Hash{}(subject) % kShards];
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.running.find(subject);
  return found == shard.running.end() ? 0 : found->second;
}

}  // namespace relay
