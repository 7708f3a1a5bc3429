#include "coordination/memory/memory_invalidation.h"

namespace relay {

void MemoryInvalidation::key_changed(const ApiKeyHash& hash) {
  for (auto* listener : listeners_) listener->key_changed(hash);
}

void MemoryInvalidation::user_changed(const std::string& user_id) {
  for (auto* listener : listeners_) listener->user_changed(user_id);
}

void MemoryInvalidation::session_ended(const std::string& session_id) {
  for (auto* listener : listeners_) listener->session_ended(session_id);
}

void MemoryInvalidation::plan_changed(const std::string& plan_id) {
  for (auto* listener : listeners_) listener->plan_changed(plan_id);
}

}  // namespace relay
