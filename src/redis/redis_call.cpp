#include "redis/redis_call.h"

#include "redis/redis_error.h"

#include <utility>

namespace relay {
namespace {

// For each command of a call; a slot moves once, or is on its way for a while (redis.io, cluster
// specification).
constexpr std::size_t kRedirectionsMax = 5;

}  // namespace

bool RedisWaiting::try_enter(std::size_t commands, std::size_t bytes) {
  const auto all_commands = commands_.fetch_add(commands, std::memory_order_relaxed) + commands;
  const auto all_bytes = bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (all_commands <= commands_max_ && all_bytes <= kBytesMax) return true;
  leave(commands, bytes);
  return false;
}

void RedisWaiting::leave(std::size_t commands, std::size_t bytes) {
  commands_.fetch_sub(commands, std::memory_order_relaxed);
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

std::size_t bytes_of(const std::vector<RedisCommand>& commands) {
  std::size_t bytes = 0;
  for (const auto& command : commands) {
    for (const auto& word : command.words()) bytes += word.size();
  }
  return bytes;
}

RedisCall::RedisCall(std::vector<RedisCommand> commands, const RedisScript* script, const Limits& limits)
    : limits_(limits),
      size_(commands.size()),
      bytes_(bytes_of(commands)),
      commands_(std::move(commands)),
      script_(script),
      may_ask_(script == nullptr || script->touches() == RedisScript::Touches::named_keys),
      replies_(size_),
      open_(size_) {}

RedisCall::~RedisCall() { limits_.waiting.leave(size_, bytes_); }

bool RedisCall::turn_into_eval() {
  if (script_ == nullptr || finished_) return false;
  // EVALSHA sha1 count key ...: the first key stands at 3.
  const auto& words = commands_.front().words();
  RedisCommand whole("EVAL");
  std::move(whole).arg(script_->source()).arg(words[2]).key(words[3]);
  for (std::size_t at = 4; at < words.size(); ++at) std::move(whole).arg(words[at]);
  commands_.front() = std::move(whole);
  script_ = nullptr;
  return true;
}

bool RedisCall::may_follow() { return followed_++ < kRedirectionsMax * size_; }

void RedisCall::answer(std::size_t index, RedisReply reply) {
  if (finished_) return;
  auto checked = without_refusal(std::move(reply));
  if (checked.has_error()) return finish(std::move(checked).error());
  replies_[index] = *std::move(checked);
  if (--open_ == 0) finish(std::move(replies_));
}

void RedisCall::fail(Error error) {
  if (!finished_) finish(std::move(error));
}

void RedisCall::finish(Result<std::vector<RedisReply>> outcome) {
  finished_ = true;
  unlink();
  // What is owed to nobody any more weighs nothing.
  commands_ = {};
  replies_ = {};
  deliver(std::move(outcome));
}

}  // namespace relay
