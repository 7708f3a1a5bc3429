#include "redis/redis_error.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

// The server is there and can't serve for now: it loads, is a replica, has no memory, runs a long script,
// can't save, or its cluster is not whole. All of it passes without anybody's changing a command.
constexpr std::array<std::string_view, 9> kAwayCodes{
    "LOADING", "READONLY", "MASTERDOWN", "OOM", "BUSY", "MISCONF", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS"};

}  // namespace

Error redis_unavailable(std::string cause) {
  return Error(ErrorKind::unavailable, "redis_unavailable", "The service is temporarily unavailable")
      .because(std::move(cause))
      .retry_in(std::chrono::seconds(1));
}

std::string_view error_code(const RedisReply& reply) {
  return std::string_view(reply.text).substr(0, reply.text.find(' '));
}

bool is_error_of(const RedisReply& reply, std::string_view code) {
  return reply.is_error() && error_code(reply) == code;
}

Result<RedisReply> without_refusal(RedisReply reply) {
  if (!reply.is_error() || error_code(reply) == "RELAY") return reply;
  if (std::find(kAwayCodes.begin(), kAwayCodes.end(), error_code(reply)) != kAwayCodes.end()) {
    return redis_unavailable("Redis: " + reply.text);
  }
  return Error(ErrorKind::internal, "redis_refused", "Internal error").because("Redis: " + reply.text);
}

}  // namespace relay
