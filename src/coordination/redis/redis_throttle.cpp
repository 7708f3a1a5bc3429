#include "coordination/redis/redis_throttle.h"

#include "coordination/redis/shared_key.h"
#include "redis/redis_client.h"

#include <vector>

namespace relay {
namespace {

// The milliseconds for which attempts are refused; 0 for one that passes.
const RedisScript& attempt_script() {
  static const RedisScript script(R"(
    local limit, window, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local counts = ARGV[4] == '1'
    local kept = redis.call('HMGET', KEYS[1], 'attempts', 'doublings', 'memory')
    local attempts = tonumber(kept[1])
    if attempts then
      local left = redis.call('PTTL', KEYS[1]) - tonumber(kept[3])
      if left > 0 then
        if attempts >= limit then return left end
        if counts then redis.call('HINCRBY', KEYS[1], 'attempts', 1) end
        return 0
      end
    end
    if not counts then return 0 end

    local doublings = 0
    if attempts then doublings = tonumber(kept[2]) + (attempts >= limit and 1 or -1) end
    local length, done = window, 0
    while done < doublings and length < longest do
      length, done = length * 2, done + 1
    end
    length = math.min(length, math.max(window, longest))
    redis.call('HSET', KEYS[1], 'attempts', 1, 'doublings', done, 'memory', longest)
    redis.call('PEXPIRE', KEYS[1], length + longest)
    return 0
  )");
  return script;
}

}  // namespace

Task<> RedisThrottle::ask(std::string name, ThrottleRule rule, bool counts) {
  std::vector<std::string> keys(1, shared_key(prefix_, "throttle", name));
  std::vector<std::string> args;
  for (const std::int64_t number :
       {rule.attempts, std::int64_t{rule.window.count()}, std::int64_t{rule.longest.count()}}) {
    args.push_back(std::to_string(number));
  }
  args.emplace_back(counts ? "1" : "0");
  CO_TRY(const auto left,
         co_await client_.run(attempt_script(), std::move(keys), std::move(args), kSharedStatePatience));
  if (left.number <= 0) co_return ok;
  co_return Error(ErrorKind::too_many_requests, "too_many_attempts",
                  "Too many attempts. Please try again later.")
      .retry_in(std::chrono::ceil<std::chrono::seconds>(std::chrono::milliseconds(left.number)));
}

Task<> RedisThrottle::attempt(std::string name, ThrottleRule rule) {
  return ask(std::move(name), rule, true);
}

Task<> RedisThrottle::peek(std::string name, ThrottleRule rule) { return ask(std::move(name), rule, false); }

Task<> RedisThrottle::forget(std::string name) {
  auto command = RedisCommand("DEL").key(shared_key(prefix_, "throttle", name));
  CO_CHECK(co_await client_.run(std::move(command), kSharedStatePatience));
  co_return ok;
}

}  // namespace relay
