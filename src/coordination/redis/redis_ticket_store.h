#pragma once

#include "coordination/ticket_store.h"

#include <string>

namespace relay {

class RedisClient;

/// For many nodes. A key `{<prefix>:ticket:<name>}` for each, which Redis lets expire by its own clock. Not
/// bounded in number but by its lifetime and the limits on who may begin a sign-in.
class RedisTicketStore final : public TicketStore {
 public:
  /// `client` must outlive it.
  RedisTicketStore(RedisClient& client, std::string prefix) : client_(client), prefix_(std::move(prefix)) {}

  Task<> put(std::string name, std::string value, std::chrono::milliseconds lifetime) override;
  Task<std::string> find(std::string name) override;
  Task<std::string> take(std::string name) override;

 private:
  RedisClient& client_;
  const std::string prefix_;
};

}  // namespace relay
