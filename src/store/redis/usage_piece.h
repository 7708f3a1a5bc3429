// Usage on its way to Redis: which partition, and what usage_store.lua is told.
#pragma once

#include "store/redis/redis_words.h"
#include "store/usage_store.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace relay {

inline constexpr std::size_t kUsagePartitions = 16;
inline constexpr std::size_t kUsagePieceMax = 500;  // records a script adds at once
inline constexpr std::int64_t kUsageDayMs = 86'400'000;

/// Sums of what calls cost, by day and account, on their way to usage_store.lua.
class RedisAccountDays {
 public:
  /// `account_id` must outlive it; the cost may be a difference below 0.
  void add(WallTime started_at, std::string_view account_id, NanoUsd cost_nano_usd);
  void into(RedisWords& words) const;

 private:
  std::map<std::pair<std::int64_t, std::string_view>, NanoUsd> costs_;
};

/// FNV-1a. What is kept lies where these say: they can't change.
std::size_t usage_partition_of(std::string_view user_id);
std::string usage_id_hash(std::string_view id);  // four bytes

/// Records of one partition, in rising order of sequence; they outlive it.
class UsagePiece {
 public:
  explicit UsagePiece(std::vector<const JournaledRecord*> records);

  bool is_empty() const { return records_.empty() && first_ > last_; }
  /// Leaves those behind `sequence`.
  void cut_up_to(std::int64_t sequence);
  /// Leaves out those at these places, from 1 on. They count as passed all the same.
  void leave_out(const std::vector<std::int64_t>& places);
  /// append() of usage_store.lua.
  RedisWords words(const std::string& node_id) const;
  /// restore() of usage_store.lua.
  RedisWords words_to_restore() const;

 private:
  void add_records(RedisWords& words) const;
  void add_account_days(RedisWords& words) const;

  std::vector<const JournaledRecord*> records_;
  std::int64_t first_ = 1;
  std::int64_t last_ = 0;
};

/// `records`, which outlive them, cut into pieces that a script can add at once.
std::vector<UsagePiece> pieces_of(const std::vector<const JournaledRecord*>& records);

/// In rising order of sequence, cut by partition; those at or under `last` are left out.
std::array<std::vector<const JournaledRecord*>, kUsagePartitions> cut_by_partition(
    const std::vector<JournaledRecord>& records, std::int64_t last);

}  // namespace relay
