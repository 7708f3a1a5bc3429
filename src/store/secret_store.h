// Where secrets that every node shares are kept, sealed. Implementations: store/sql, store/redis. Contract:
// tests/store/.
#pragma once

#include "async/task.h"
#include "base/clock.h"

#include <string>

namespace relay {

/// Named blobs of any bytes, such as the sealed RSA key pair of the sign-in form. The store sees only
/// sealed ones: opening and sealing is the caller's.
/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from.
class SecretStore {
 public:
  virtual ~SecretStore() = default;

  /// not_found "secret_unknown".
  virtual Task<std::string> find(std::string name) = 0;

  /// Keeps `sealed` unless there is one with this name; returns the one that is kept. Of two nodes that
  /// start at once both get the same. Durable when it returns.
  virtual Task<std::string> put_if_absent(std::string name, std::string sealed, WallTime now) = 0;

  /// The same secret under a newer key. False, and nothing is changed, when it is not `before` any more.
  virtual Task<bool> reseal(std::string name, std::string before, std::string after) = 0;
};

}  // namespace relay
