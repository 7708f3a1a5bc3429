// What Redis answers, as a value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace relay {

/// RESP2. An error reply is a value too: whether it is one of ours is the caller's to say.
struct RedisReply {
  enum class Kind { nil, status, text, number, error, list };
  Kind kind = Kind::nil;
  std::string text{};               // of status, text and error
  std::int64_t number = 0;          // of number
  std::vector<RedisReply> items{};  // of list

  bool is_nil() const { return kind == Kind::nil; }
  bool is_error() const { return kind == Kind::error; }
};

}  // namespace relay
