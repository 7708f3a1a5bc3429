#include "coordination/memory/memory_ticket_store.h"

namespace relay {
namespace {

Error ticket_unknown() {
  return Error(ErrorKind::not_found, "ticket_unknown", "The ticket is unknown, used or too old");
}

}  // namespace

Task<> MemoryTicketStore::put(std::string name, std::string value, std::chrono::milliseconds lifetime) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  tickets_.put(name, std::move(value), now, now + lifetime);
  co_return ok;
}

Task<std::string> MemoryTicketStore::find(std::string name) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  const auto* value = tickets_.find(name, now);
  if (value == nullptr) co_return ticket_unknown();
  co_return *value;
}

Task<std::string> MemoryTicketStore::take(std::string name) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  auto* found = tickets_.find(name, now);
  if (found == nullptr) co_return ticket_unknown();
  auto value = std::move(*found);
  tickets_.erase(name);
  co_return value;
}

}  // namespace relay
