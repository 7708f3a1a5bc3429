#pragma once

#include "base/clock.h"
#include "coordination/expiring_map.h"
#include "coordination/ticket_store.h"

#include <mutex>

namespace relay {

/// For one node. At most 50,000 tickets: about 50 MB with the largest that we make.
class MemoryTicketStore final : public TicketStore {
 public:
  explicit MemoryTicketStore(const Clock& clock) : clock_(clock) {}

  Task<> put(std::string name, std::string value, std::chrono::milliseconds lifetime) override;
  Task<std::string> find(std::string name) override;
  Task<std::string> take(std::string name) override;

 private:
  const Clock& clock_;
  std::mutex mutex_;
  ExpiringMap<std::string> tickets_{50'000};
};

}  // namespace relay
