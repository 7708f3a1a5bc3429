// Which node of a cluster has which slot.
#pragma once

#include "redis/redis_connection.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace relay {

/// What a MOVED or ASK says.
struct Redirection {
  std::uint16_t slot = 0;
  RedisAddress address;
};

/// "MOVED 3999 127.0.0.1:6381". Without a host it is the one that was asked. Nothing when it is neither, or
/// broken.
std::optional<Redirection> parse_redirection(std::string_view text, const RedisAddress& asked);

class ClusterMap {
 public:
  ClusterMap() { slots_.fill(kNobody); }

  /// The answer to CLUSTER SLOTS of this node. False, and nothing is changed, when it can't be read.
  bool read(const RedisReply& answer, const RedisAddress& asked);
  void move(std::uint16_t slot, const RedisAddress& address);
  /// Null: nobody known has it.
  const RedisAddress* node_of(std::uint16_t slot) const;
  /// All that have a slot, once each.
  const std::vector<RedisAddress>& nodes() const { return nodes_; }

 private:
  static constexpr std::int16_t kNobody = -1;
  static constexpr std::size_t kNodesMax = 1000;  // as many as a cluster may have (redis.io)

  std::int16_t number_of(const RedisAddress& address);

  std::array<std::int16_t, 16384> slots_;
  std::vector<RedisAddress> nodes_;
};

}  // namespace relay
