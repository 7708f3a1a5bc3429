#pragma once

#include "coordination/nonce_store.h"

#include <string>

namespace relay {

class RedisClient;

/// For many nodes. A key `{<prefix>:nonce:<nonce>}` for each, which Redis lets expire by its own clock: those
/// of the nodes do not matter. Whoever's DEL finds it passes. Not bounded in number but by its lifetime and
/// the limits on who may ask for one; an error whose outcome is not known (unavailable) may have used the
/// nonce up.
class RedisNonceStore final : public NonceStore {
 public:
  /// `client` must outlive it.
  RedisNonceStore(RedisClient& client, std::string prefix) : client_(client), prefix_(std::move(prefix)) {}

  Task<> put(std::string nonce, std::chrono::milliseconds lifetime) override;
  Task<> take(std::string nonce) override;

 private:
  RedisClient& client_;
  const std::string prefix_;
};

}  // namespace relay
