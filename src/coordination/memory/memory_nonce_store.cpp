#include "coordination/memory/memory_nonce_store.h"

namespace relay {

Task<> MemoryNonceStore::put(std::string nonce, std::chrono::milliseconds lifetime) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  nonces_.put(nonce, Nothing{}, now, now + lifetime);
  co_return ok;
}

Task<> MemoryNonceStore::take(std::string nonce) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  const bool lasts = nonces_.find(nonce, now) != nullptr;
  nonces_.erase(nonce);
  if (!lasts) co_return Error(ErrorKind::not_found, "nonce_unknown", "The nonce is unknown, used or too old");
  co_return ok;
}

}  // namespace relay
