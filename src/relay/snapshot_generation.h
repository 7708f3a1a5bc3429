// Which snapshots of keys are old, by the changes that this node has heard of.
#pragma once

#include "coordination/invalidation.h"
#include "domain/key_access.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace relay {

/// Counts the changes that a cached snapshot may have missed, and remembers whom the last ones met: at most
/// 20,000 names; before those, a change is one of everybody. One for all workers; thread-safe.
class SnapshotGeneration final : public Invalidation::Listener {
 public:
  void key_changed(const ApiKeyHash& hash) override;
  void user_changed(const std::string& user_id) override;
  void plan_changed(const std::string& plan_id) override;
  void anything_changed() override { doubts_.fetch_add(1, std::memory_order_release); }

  /// Changes that this node was told of: what one of them met is never used again as it was before.
  std::uint64_t changes() const { return changes_.load(std::memory_order_acquire); }
  /// Changes that it was not told of, or that may have been: look before use, where the store can be asked.
  std::uint64_t doubts() const { return doubts_.load(std::memory_order_acquire); }

  /// Up to which change a snapshot holds that was read when there were `changes`: changes() of now when none
  /// since then has met the key, its user or its plan, `changes` itself when one has. `access` null: no such
  /// key is known, and any change meets it. Takes a lock: only for when changes() is another number.
  std::uint64_t holds_until(std::uint64_t changes, const ApiKeyHash& hash, const KeyAccess* access) const;

 private:
  static constexpr std::size_t kNamesMax = 20'000;

  void note(std::string name);
  bool has_met(const std::string& name, std::uint64_t since) const;

  std::atomic<std::uint64_t> changes_{1};
  std::atomic<std::uint64_t> doubts_{1};
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::uint64_t> met_by_;  // the last change that met this name
  std::uint64_t names_since_ = 0;                          // changes up to this one have no names any more
};

}  // namespace relay
