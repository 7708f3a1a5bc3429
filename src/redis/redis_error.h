// The client's two errors, and which replies are which.
#pragma once

#include "base/result.h"
#include "redis/redis_reply.h"

#include <string>
#include <string_view>

namespace relay {

/// unavailable "redis_unavailable", Retry-After 1 s. `cause` is for the log and has no password.
Error redis_unavailable(std::string cause);

/// The reply, or the error that an error reply stands for (redis_client.h).
Result<RedisReply> without_refusal(RedisReply reply);

/// True when an error reply begins with this word: "MOVED", "NOSCRIPT".
bool is_error_of(const RedisReply& reply, std::string_view code);

/// An error reply's first word. The rest may repeat what was sent, a password too.
std::string_view error_code(const RedisReply& reply);

}  // namespace relay
