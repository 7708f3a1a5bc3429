#pragma once

#include "coordination/invalidation.h"

#include <vector>

namespace relay {

/// For one node: calls its listeners and nobody else.
class MemoryInvalidation final : public Invalidation {
 public:
  void key_changed(const ApiKeyHash& hash) override;
  void user_changed(const std::string& user_id) override;
  void session_ended(const std::string& session_id) override;
  void plan_changed(const std::string& plan_id) override;
  void subscribe(Listener& listener) override { listeners_.push_back(&listener); }

 private:
  std::vector<Listener*> listeners_;  // not changed after start-up, so read without a lock
};

}  // namespace relay
