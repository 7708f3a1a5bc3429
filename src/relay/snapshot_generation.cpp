#include "relay/snapshot_generation.h"

#include <utility>

namespace relay {
namespace {

std::string name_of(const ApiKeyHash& hash) { return "key:" + hash.hex(); }
std::string name_of_user(const std::string& user_id) { return "user:" + user_id; }
std::string name_of_plan(const std::string& plan_id) { return "plan:" + plan_id; }

}  // namespace

void SnapshotGeneration::key_changed(const ApiKeyHash& hash) { note(name_of(hash)); }
void SnapshotGeneration::user_changed(const std::string& user_id) { note(name_of_user(user_id)); }
void SnapshotGeneration::plan_changed(const std::string& plan_id) { note(name_of_plan(plan_id)); }

void SnapshotGeneration::note(std::string name) {
  const std::lock_guard lock(mutex_);
  const auto change = changes_.load(std::memory_order_relaxed) + 1;
  if (met_by_.size() >= kNamesMax) {
    met_by_.clear();
    names_since_ = change - 1;
  }
  met_by_[std::move(name)] = change;
  changes_.store(change, std::memory_order_release);
}

bool SnapshotGeneration::has_met(const std::string& name, std::uint64_t since) const {
  const auto met = met_by_.find(name);
  return met != met_by_.end() && met->second > since;
}

std::uint64_t SnapshotGeneration::holds_until(std::uint64_t changes, const ApiKeyHash& hash,
                                              const KeyAccess* access) const {
  const std::lock_guard lock(mutex_);
  const bool is_met = access == nullptr || changes < names_since_ || has_met(name_of(hash), changes) ||
                      has_met(name_of_user(access->user_id), changes) ||
                      has_met(name_of_plan(access->plan), changes);
  return is_met ? changes : changes_.load(std::memory_order_relaxed);
}

}  // namespace relay
