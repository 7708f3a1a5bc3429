#pragma once

#include "base/clock.h"
#include "coordination/expiring_map.h"
#include "coordination/nonce_store.h"

#include <mutex>

namespace relay {

/// For one node. At most 100,000 nonces: about 20 MB.
class MemoryNonceStore final : public NonceStore {
 public:
  explicit MemoryNonceStore(const Clock& clock) : clock_(clock) {}

  Task<> put(std::string nonce, std::chrono::milliseconds lifetime) override;
  Task<> take(std::string nonce) override;

 private:
  struct Nothing {};
  const Clock& clock_;
  std::mutex mutex_;
  ExpiringMap<Nothing> nonces_{100'000};
};

}  // namespace relay
