#pragma once

#include "store/provider_object_store.h"

#include <atomic>
#include <map>
#include <mutex>

namespace relay::test {

/// In memory, and away when told so. Lists by id, whatever the query's order.
class FakeProviderObjectStore final : public ProviderObjectStore {
 public:
  std::atomic<bool> away{false};

  bool insert_now(ProviderObject object) {
    const std::lock_guard lock(mutex_);
    const auto id = object.id;
    return objects_.emplace(id, std::move(object)).second;
  }
  bool has(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return objects_.contains(id);
  }
  Task<> insert(std::vector<ProviderObject> objects) override {
    if (away) co_return gone();
    const std::lock_guard lock(mutex_);
    for (auto& object : objects) objects_.emplace(object.id, object);
    co_return ok;
  }
  Task<ProviderObject> find(std::string id) override {
    if (away) co_return gone();
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(id);
    if (found == objects_.end()) co_return Error(ErrorKind::not_found, "object_unknown", "No such object");
    co_return found->second;
  }
  Task<std::vector<ProviderObject>> list(ProviderObjectQuery query) override {
    const std::lock_guard lock(mutex_);
    std::vector<ProviderObject> found;
    for (const auto& [id, object] : objects_) {
      if (object.user_id == query.user_id && object.kind == query.kind) found.push_back(object);
    }
    co_return found;
  }
  Task<> set_usage_recorded(std::string id) override {
    const std::lock_guard lock(mutex_);
    if (const auto found = objects_.find(id); found != objects_.end()) found->second.usage_recorded = true;
    co_return ok;
  }
  Task<> remove(std::string id) override {
    const std::lock_guard lock(mutex_);
    objects_.erase(id);
    co_return ok;
  }
  Task<std::int64_t> delete_expired(WallTime, int) override { co_return std::int64_t{0}; }

 private:
  static Error gone() { return {ErrorKind::unavailable, "store_unavailable", "away"}; }
  std::mutex mutex_;
  std::map<std::string, ProviderObject> objects_;
};

}  // namespace relay::test
