// Numbers used once, shared by all nodes. Implementations: coordination/memory, coordination/redis.
#pragma once

#include "async/task.h"

#include <chrono>
#include <string>

namespace relay {

/// All calls: unavailable when the shared state is away. Thread-safe; a call resumes on the io_context it
/// was made from. Bounded: when it is full, the nonces nearest to their end make room.
class NonceStore {
 public:
  virtual ~NonceStore() = default;

  /// Keeps `nonce` for `lifetime`.
  virtual Task<> put(std::string nonce, std::chrono::milliseconds lifetime) = 0;

  /// Takes it away. Of any number of callers at once exactly one passes; the others, and all callers after
  /// its lifetime, get not_found "nonce_unknown".
  virtual Task<> take(std::string nonce) = 0;
};

}  // namespace relay
