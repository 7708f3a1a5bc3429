#include "coordination/redis/redis_quota_scripts.h"

#include <string>
#include <string_view>

namespace relay {
namespace {

// A count is "<start of its window> <used> <held>"; of a bucket the first is when it was emptied up to, by
// the server's clock. "s:<owner>" is since when the counts of an owner are kept; "H:<hold>" what a hold has
// where.
constexpr std::string_view kWords = R"lua(
    local key = KEYS[1]
    local holds = key .. ':holds'
    local time = redis.call('TIME')
    local clock = time[1] * 1000 + math.floor(time[2] / 1000)
    local function read(field)
      local value = redis.call('HGET', key, field)
      if not value then return nil end
      local start, used, held = string.match(value, '^(%S+) (%S+) (%S+)$')
      return tonumber(start), tonumber(used), tonumber(held)
    end
    local function write(field, start, used, held)
      redis.call('HSET', key, field, string.format('%.0f %.0f %.0f', start, used, math.max(held, 0)))
    end
    local function free(hold)
      local had = redis.call('HGET', key, 'H:' .. hold)
      if had then
        for field, start, amount in string.gmatch(had, '(%S+) (%S+) (%S+);') do
          local is, used, held = read(field)
          if is and (start == '-' or is == tonumber(start)) then write(field, is, used, held - tonumber(amount)) end
        end
        redis.call('HDEL', key, 'H:' .. hold)
      end
      redis.call('ZREM', holds, hold)
      return had
    end
)lua";

RedisScript with_words(std::string_view text) { return RedisScript(std::string(kWords).append(text)); }

}  // namespace

const RedisScript& quota_reserve_script() {
  static const RedisScript script = with_words(R"lua(
    local takes, id, lease, now, count = ARGV[1] == '1', ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
    for _, hold in ipairs(redis.call('ZRANGEBYSCORE', holds, '-inf', clock, 'LIMIT', 0, 200)) do free(hold) end
    local counts, unknown, refused = {}, {}, 0
    for i = 1, count do
      local at = 6 + (i - 1) * 7
      local field, owner, kind, limit = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
      local start = tonumber(ARGV[at + 6]) or 0
      local since = tonumber(redis.call('HGET', key, 's:' .. owner))
      if not since then
        since = now
        redis.call('HSET', key, 's:' .. owner, string.format('%.0f', now))
      end
      local is, used, held = read(field)
      if kind == 'bucket' then
        if not is then is, used, held = clock, 0, 0 end
        local out = math.floor(math.max(clock - is, 0) * limit / 60000)
        if used <= 0 or out > 0 then is = clock end
        used = math.max(used - out, 0)
      elseif not is or (is ~= start and is <= now) then
        if start > since then is, used, held = start, 0, 0 else unknown[#unknown + 1] = i end
      end
      counts[i] = {field, kind, is, used, held, tonumber(ARGV[at + 5])}
      if refused == 0 and used and ARGV[at + 4] == '0' and used + held >= limit then refused = i end
    end
    if #unknown > 0 then return {2, unpack(unknown)} end
    local reply, kept = {refused > 0 and 1 or 0}, {}
    if refused > 0 then reply[2] = refused end
    for _, one in ipairs(counts) do
      if takes and refused == 0 then
        if one[2] == 'requests' then
          one[4] = one[4] + one[6]
        else
          one[5] = one[5] + one[6]
          kept[#kept + 1] = string.format('%s %s %.0f;', one[1], one[2] == 'bucket' and '-' or string.format('%.0f', one[3]), one[6])
        end
        write(one[1], one[3], one[4], one[5])
      end
      reply[#reply + 1] = one[4]
      reply[#reply + 1] = one[5]
      reply[#reply + 1] = one[2] == 'bucket' and 0 or one[3]
    end
    if takes and refused == 0 and #kept > 0 then
      redis.call('HSET', key, 'H:' .. id, table.concat(kept))
      redis.call('ZADD', holds, clock + lease, id)
      redis.call('PEXPIRE', holds, 3456000000)
    end
    redis.call('PEXPIRE', key, 3456000000)
    return reply
  )lua");
  return script;
}

const RedisScript& quota_learn_script() {
  static const RedisScript script = with_words(R"lua(
    for i = 1, #ARGV, 3 do
      local is = read(ARGV[i])
      local start = tonumber(ARGV[i + 1])
      if is ~= start then write(ARGV[i], start, tonumber(ARGV[i + 2]), 0) end
    end
    return 1
  )lua");
  return script;
}

const RedisScript& quota_settle_script() {
  static const RedisScript script = with_words(R"lua(
    local id = ARGV[1]
    if not redis.call('SET', key .. ':done:' .. id, '1', 'NX', 'PX', 3600000) then return 0 end
    free(id)
    for i = 2, #ARGV, 3 do
      local is, used, held = read(ARGV[i])
      if is and (ARGV[i + 1] == '-' or is == tonumber(ARGV[i + 1])) then
        write(ARGV[i], is, used + tonumber(ARGV[i + 2]), held)
      end
    end
    return 1
  )lua");
  return script;
}

const RedisScript& quota_renew_script() {
  static const RedisScript script = with_words(R"lua(
    for i = 2, #ARGV do redis.call('ZADD', holds, 'XX', clock + tonumber(ARGV[1]), ARGV[i]) end
    return 1
  )lua");
  return script;
}

}  // namespace relay
