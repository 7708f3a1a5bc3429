// The news that what caches hold is no longer so. It is told to other nodes by coordination/redis (over
// Redis) or coordination/store (by a row of the store).
#pragma once

#include "domain/api_key.h"

#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// By itself it is one node's: it tells the listeners here and nobody else.
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
    virtual void prices_changed() {}
    virtual void accounts_changed() {}
    /// Something may have changed that this node was not told of, or not what: look before anything that was
    /// cached is used again.
    virtual void anything_changed() {}
  };

  Invalidation() = default;
  virtual ~Invalidation() = default;
  Invalidation(const Invalidation&) = delete;
  Invalidation& operator=(const Invalidation&) = delete;

  void key_changed(const ApiKeyHash& hash);
  /// For each hash that a changed key has: the current one and the retiring one.
  void hashes_changed(const ApiKey& key);
  /// Everything that hangs on a user: status, plan, limits, all keys.
  void user_changed(const std::string& user_id);
  void session_ended(const std::string& session_id);
  /// Limits and permissions of everybody on it.
  void plan_changed(const std::string& plan_id);
  void prices_changed();
  /// Of the accounts at the providers.
  void accounts_changed();

  /// At start-up, before the first call of the others and before it hears from other nodes. `listener` must
  /// outlive it.
  void subscribe(Listener& listener) { listeners_.push_back(&listener); }

 protected:
  /// Tells the listeners of this node what another one has said: a kind that tell_others() was given, with
  /// its value. Another kind, or a value that can't be, is anything_changed().
  void hear(std::string_view kind, const std::string& value);
  void hear_anything();

 private:
  /// After the listeners here. No waiting.
  virtual void tell_others(std::string_view /*kind*/, std::string_view /*value*/) {}

  std::vector<Listener*> listeners_;  // not changed after start-up, so read without a lock
};

}  // namespace relay
