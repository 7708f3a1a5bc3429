#include "relay/known_keys.h"

namespace relay {

void KnownKeys::remember(const ApiKeyHash& hash, const KeyNews& news) {
  auto& shard = shards_[place_of(hash)];
  const std::lock_guard lock(shard.mutex);
  auto found = shard.keys.find(hash);
  if (found == shard.keys.end()) {
    if (news.access == nullptr) return;                            // or whoever makes keys up could fill it
    if (shard.keys.size() >= kKeysOfShardMax) shard.keys.clear();  // each comes back with its next look-up
    shard.keys.emplace(hash, news);
  } else if (found->second.read_at <= news.read_at) {
    found->second = news;
  }
}

std::optional<KeyNews> KnownKeys::find(const ApiKeyHash& hash) const {
  const auto& shard = shards_[place_of(hash)];
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.keys.find(hash);
  return found == shard.keys.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace relay
