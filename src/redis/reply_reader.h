// Replies out of a stream of bytes, read by hiredis.
#pragma once

#include "base/result.h"
#include "redis/redis_reply.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

struct redisReader;

namespace relay {

/// Bounded: a reply of more than 64 MB, of more than a million parts, or deeper than seven lists fails.
class ReplyReader {
 public:
  static constexpr std::size_t kReplyBytesMax = 64UL << 20;
  static constexpr std::size_t kReplyPartsMax = 1'000'000;

  ReplyReader();

  /// unavailable past a bound or for what is no reply: the stream can't be read on then.
  Result<> feed(std::string_view bytes);
  /// The next whole reply; none: more bytes are needed.
  Result<std::optional<RedisReply>> next();

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };
  std::size_t parts_ = 0;        // of the reply being read
  std::size_t reply_bytes_ = 0;  // the same, and what came behind it
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace relay
