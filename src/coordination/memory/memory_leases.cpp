#include "coordination/memory/memory_leases.h"

namespace relay {

// A slot is the value in the map's own node: its address stays while it is leased.
std::optional<Lease> MemoryLeases::try_acquire(std::string_view subject, std::int64_t limit) {
  auto& shard = shard_of(subject);
  const std::lock_guard lock(shard.mutex);
  auto found = shard.subjects.find(subject);
  if (found == shard.subjects.end()) {
    if (limit <= 0) return Lease();
    found = shard.subjects.emplace(subject, Running{.shard = &shard}).first;
    ++shard.idle;
  }
  auto& running = found->second;
  if (running.calls >= limit) return Lease();
  if (running.calls++ == 0) --shard.idle;
  return Lease(*this, &running);
}

Awaitable<Lease> MemoryLeases::acquire(std::string subject, std::int64_t limit) {
  auto lease = try_acquire(subject, limit);
  co_return std::move(*lease);
}

void MemoryLeases::give_back(void* slot) {
  auto& running = *static_cast<Running*>(slot);
  auto& shard = *running.shard;
  const std::lock_guard lock(shard.mutex);
  if (--running.calls > 0 || ++shard.idle <= kIdleMax) return;
  std::erase_if(shard.subjects, [](const auto& entry) { return entry.second.calls == 0; });
  shard.idle = 0;
}

std::int64_t MemoryLeases::running(std::string_view subject) const {
  const auto& shard = shards_[Hash{}(subject) % kShards];
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.subjects.find(subject);
  return found == shard.subjects.end() ? 0 : found->second.calls;
}

std::size_t MemoryLeases::size() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.subjects.size();
  }
  return count;
}

}  // namespace relay
