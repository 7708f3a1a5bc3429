// The news that what caches hold is no longer so. Implementations: coordination/memory, coordination/redis
// (told over Redis) and coordination/store (told by a row of the store).
#pragma once

#include "domain/api_key.h"

#include <string>

namespace relay {

/// Thread-safe. The listeners of this node have been called when a call returns; those of other nodes hear
/// of it within a second, and more often than once where a link was cut. Told after the store has the change,
/// never before.
class Invalidation {
 public:
  /// Called on the teller's thread, or on one that hears from other nodes: forget and return, no waiting, no
  /// calling back.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void key_changed(const ApiKeyHash&) {}
    virtual void user_changed(const std::string& /*user_id*/) {}
    virtual void session_ended(const std::string& /*session_id*/) {}
    virtual void plan_changed(const std::string& /*plan_id*/) {}
    /// Something may have changed that this node was not told of, or not what: look before anything that was
    /// cached is used again.
    virtual void anything_changed() {}
  };

  virtual ~Invalidation() = default;

  virtual void key_changed(const ApiKeyHash& hash) = 0;
  /// For each hash that a changed key has: the current one and the retiring one.
  void hashes_changed(const ApiKey& key) {
    key_changed(key.hash);
    if (key.retiring) key_changed(key.retiring->hash);
  }
  /// Everything that hangs on a user: status, plan, limits, all keys.
  virtual void user_changed(const std::string& user_id) = 0;
  virtual void session_ended(const std::string& session_id) = 0;
  /// Limits and permissions of everybody on it.
  virtual void plan_changed(const std::string& plan_id) = 0;

  /// At start-up, before the first call of the others and before it hears from other nodes. `listener` must
  /// outlive it.
  virtual void subscribe(Listener& listener) = 0;
};

}  // namespace relay
