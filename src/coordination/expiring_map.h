// A map whose entries end by themselves, bounded in size.
#pragma once

#include "base/clock.h"

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

namespace relay {

/// Not thread-safe: its owner locks. Every call is O(log n); entries past their end are dropped as the map
/// is written to, never all at once in a long pass.
template <class Value>
class ExpiringMap {
 public:
  explicit ExpiringMap(std::size_t entries_max) : entries_max_(entries_max) {}

  /// Null when there is none that lasts at `now`. Valid until the next call that is not const.
  Value* find(const std::string& name, WallTime now) {
    const auto found = entries_.find(name);
    if (found == entries_.end() || found->second.end->first <= now) return nullptr;
    return &found->second.value;
  }

  /// When the entry ends; `now` when there is none.
  WallTime end_of(const std::string& name, WallTime now) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? now : found->second.end->first;
  }

  /// Adds or replaces. When the map is full, the entry nearest to its end makes room.
  void put(const std::string& name, Value value, WallTime now, WallTime end) {
    erase(name);
    for (int dropped = 0; dropped < kDroppedPerPut && !by_end_.empty(); ++dropped) {
      if (entries_.size() < entries_max_ && by_end_.begin()->first > now) break;
      entries_.erase(by_end_.begin()->second);
      by_end_.erase(by_end_.begin());
    }
    const auto place = by_end_.emplace(end, name);
    entries_.emplace(name, Entry{std::move(value), place});
  }

  /// False when there was none, lasting or not.
  bool erase(const std::string& name) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return false;
    by_end_.erase(found->second.end);
    entries_.erase(found);
    return true;
  }

  void clear() {
    entries_.clear();
    by_end_.clear();
  }

  std::size_t size() const { return entries_.size(); }

 private:
  // More than the one that is added, so that what has ended goes; few, so that no caller pays for many.
  static constexpr int kDroppedPerPut = 4;
  using ByEnd = std::multimap<WallTime, std::string>;
  struct Entry {
    Value value;
    typename ByEnd::iterator end;
  };
  std::size_t entries_max_;
  ByEnd by_end_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace relay
