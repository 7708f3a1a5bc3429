#include "redis/redis_error.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

// The server is there and can't serve for now: it loads, is a replica, has no memory, runs a long script,
// can't save, its cluster is not whole, or it has taken a right or the password away. All of it passes
// without anybody's changing a command.
constexpr std::array<std::string_view, 12> kAwayCodes{"LOADING",    "READONLY", "MASTERDOWN",  "OOM",
                                                      "BUSY",       "MISCONF",  "CLUSTERDOWN", "TRYAGAIN",
                                                      "NOREPLICAS", "NOPERM",   "NOAUTH",      "WRONGPASS"};

// Begin with "ERR" like a mistake of ours, and are none: the slot is on its way to another node or from it;
// NOPERM, as a script meets it.
constexpr std::array<std::string_view, 2> kAwayWords{"attempted to access a non local key",
                                                     "The user executing the script can't"};

bool is_away(const RedisReply& reply) {
  const auto is_said = [&reply](std::string_view words) {
    return reply.text.find(words) != std::string::npos;
  };
  return std::ranges::find(kAwayCodes, error_code(reply)) != kAwayCodes.end() ||
         std::ranges::any_of(kAwayWords, is_said);
}

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
  if (is_away(reply)) return redis_unavailable("Redis: " + reply.text);
  return Error(ErrorKind::internal, "redis_refused", "Internal error").because("Redis: " + reply.text);
}

}  // namespace relay
