// Values kept for a short while under a name that nobody can guess, shared by all nodes: the step between
// two calls of one sign-in. Implementations: coordination/memory, coordination/redis.
#pragma once

#include "async/task.h"

#include <chrono>
#include <string>

namespace relay {

/// `name` is the hash of what the client holds, so that the shared state opens nothing.
/// All calls: unavailable when the shared state is away. Thread-safe; a call resumes on the io_context it
/// was made from. Bounded: when it is full, the tickets nearest to their end make room.
class TicketStore {
 public:
  virtual ~TicketStore() = default;

  virtual Task<> put(std::string name, std::string value, std::chrono::milliseconds lifetime) = 0;

  /// not_found "ticket_unknown" for one that was never put, was taken or has passed its lifetime.
  virtual Task<std::string> find(std::string name) = 0;

  /// Takes it away. Of any number of callers at once exactly one gets it; the others: not_found.
  virtual Task<std::string> take(std::string name) = 0;
};

}  // namespace relay
