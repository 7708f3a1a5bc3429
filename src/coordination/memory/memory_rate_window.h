// Rate windows of one node.
#pragma once

#include "coordination/rate_window.h"

#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

namespace relay {

/// Always answers at once. Sharded, so that a core rarely meets another. Windows that are free again are
/// forgotten, so the memory is bounded by the number of keys that called in the last minute.
class MemoryRateWindow final : public RateWindow {
 public:
  std::optional<RateDecision> try_take(std::string_view subject, std::int64_t limit_per_minute,
                                       SteadyTime now) override;
  Awaitable<RateDecision> take(std::string subject, std::int64_t limit_per_minute, SteadyTime now) override;
  void give_back(std::string_view subject, std::int64_t limit_per_minute) override;
  std::size_t size() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, SteadyTime, Hash, std::equal_to<>> next_free;
    SteadyTime swept_at;
  };
  static constexpr std::size_t kShards = 64;

  static void sweep(Shard& shard, SteadyTime now);

  std::array<Shard, kShards> shards_;
};

}  // namespace relay
