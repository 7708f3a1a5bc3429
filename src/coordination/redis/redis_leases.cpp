#include "coordination/redis/redis_leases.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <iterator>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kKeptIdle = 1s;
constexpr std::chrono::milliseconds kAskedAgainAfter[]{10ms, 30ms};
constexpr auto kFullRemembered = 20ms;

std::int64_t piece_of(std::int64_t limit) { return std::max<std::int64_t>(limit / 8, 1); }
std::int64_t kept_of(std::int64_t limit) { return limit / 8; }

// A node's field: slots, when they end, and the sequence numbers of the last "set" and of the last word of
// all. A change that is older than a "set" came late, after it was given up: what was set has it in it. A
// "set" that is older than any other word is not done: the node says it anew.
const RedisScript& word_script() {
  static const RedisScript script(R"lua(
    local node, command, count = ARGV[1], ARGV[2], tonumber(ARGV[3])
    local limit, sequence, lasts = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local own, set_at, last, others = 0, 0, 0, 0
    local all = redis.call('HGETALL', KEYS[1])
    for i = 1, #all, 2 do
      local slots, ends, set_then, last_then = string.match(all[i + 1], '^(%d+) (%d+) (%d+) (%d+)$')
      if tonumber(ends) <= now then
        redis.call('HDEL', KEYS[1], all[i])
      elseif all[i] == node then
        own, set_at, last = tonumber(slots), tonumber(set_then), tonumber(last_then)
      else
        others = others + tonumber(slots)
      end
    end
    local done = 0
    if command == 'set' then
      if sequence < last then return -1 end
      own, set_at, done = count, sequence, count
    elseif sequence < set_at then
      return -1
    elseif command == 'take' then
      done = math.max(math.min(count, limit - others - own), 0)
      own = own + done
    else
      done = math.min(count, own)
      own = own - done
    end
    last = math.max(last, sequence)
    redis.call('HSET', KEYS[1], node, string.format('%d %d %d %d', own, now + lasts, set_at, last))
    redis.call('PEXPIRE', KEYS[1], lasts)
    return done
  )lua");
  return script;
}

}  // namespace

RedisLeases::RedisLeases(NodeLink& link, const Clock& clock, Settings settings)
    : link_(link), clock_(clock), settings_(settings), held_surely_(settings.lease - settings.lease / 10) {
  link_.on_sweep([this] { sweep(); });
  link_.on_recovered([this] { doubt_all(); });
}

RedisLeases::Entry& RedisLeases::entry_of(Shard& shard, std::string_view name, std::int64_t limit) {
  auto found = shard.subjects.find(name);
  if (found == shard.subjects.end()) found = shard.subjects.emplace(name, Subject()).first;
  found->second.limit = limit;
  return *found;
}

Lease RedisLeases::run(Entry& entry) {
  ++entry.second.running;
  return Lease(*this, &entry);
}

Lease RedisLeases::by_share(Entry& entry) {
  auto& subject = entry.second;
  if (subject.running >= link_.share_of(subject.limit)) return {};
  subject.unsure = true;
  return run(entry);
}

std::optional<Lease> RedisLeases::decide(Entry& entry, SteadyTime now) {
  auto& subject = entry.second;
  subject.used_at = now;
  const bool lasts = now - subject.spoke_at < held_surely_;
  // Slots of a limit that was higher are not used up.
  if (lasts && subject.running < std::min(subject.held, subject.limit)) return run(entry);
  if (!lasts && subject.held > 0) subject.unsure = true;  // Redis may have given them to others
  if (!link_.can_ask() || subject.unsure) return by_share(entry);
  if (subject.running >= subject.limit || now < subject.refused_until) return Lease();
  return std::nullopt;
}

std::optional<Lease> RedisLeases::try_acquire(std::string_view name, std::int64_t limit) {
  auto& shard = shard_of(name);
  const std::lock_guard lock(shard.mutex);
  return decide(entry_of(shard, name, limit), clock_.steady_now());
}

Awaitable<Lease> RedisLeases::acquire(std::string name, std::int64_t limit) {
  auto& shard = shard_of(name);
  Entry* entry = nullptr;
  {
    const std::lock_guard lock(shard.mutex);
    entry = &entry_of(shard, name, limit);
    if (auto at_once = decide(*entry, clock_.steady_now())) co_return std::move(*at_once);
    ++entry->second.asks;  // keeps the entry, between the questions too
  }
  NodeLink::Timer timer(co_await boost::asio::this_coro::executor);
  auto lease = co_await ask(*entry, false);
  for (std::size_t round = 0; !lease; ++round) {
    timer.expires_after(kAskedAgainAfter[round]);
    static_cast<void>(co_await timer.async_wait(as_result));
    lease = co_await ask(*entry, round + 1 == std::size(kAskedAgainAfter));
  }
  const std::lock_guard lock(shard.mutex);
  --entry->second.asks;
  co_return std::move(*lease);
}

// Nothing: there is no room, and it was not the last time that we ask.
Awaitable<std::optional<Lease>> RedisLeases::ask(Entry& entry, bool is_last) {
  auto& shard = shard_of(entry.first);
  auto& subject = entry.second;
  Word word;
  bool for_piece = false;
  {
    const std::lock_guard lock(shard.mutex);
    const auto now = clock_.steady_now();
    if (auto at_once = decide(entry, now)) co_return std::move(at_once);
    for_piece = !std::exchange(subject.fetching, true);
    word = word_of(subject, "take", for_piece ? piece_of(subject.limit) : 1, now);
  }
  const auto reply = co_await say(entry.first, word);

  const std::lock_guard lock(shard.mutex);
  if (for_piece) subject.fetching = false;
  if (!note_answer(subject, word, reply)) co_return by_share(entry);
  const auto now = clock_.steady_now();
  if (subject.running < std::min(subject.held, subject.limit)) co_return run(entry);
  if (!is_last) co_return std::nullopt;
  subject.refused_until = now + kFullRemembered;
  co_return Lease();
}

RedisLeases::Word RedisLeases::word_of(Subject& subject, std::string_view command, std::int64_t count,
                                       SteadyTime now) {
  ++subject.asks;
  Word word;
  word.command = command;
  word.count = count;
  word.limit = subject.limit;
  word.sequence = ++sequence_;
  word.spoken_at = now;
  return word;
}

Task<RedisReply> RedisLeases::say(std::string name, Word word) {
  std::vector<std::string> args{link_.node_id(),
                                std::string(word.command),
                                std::to_string(word.count),
                                std::to_string(word.limit),
                                std::to_string(word.sequence),
                                std::to_string(settings_.lease.count())};
  return link_.ask(word_script(), link_.key("lease", name), std::move(args));
}

// False when it is not known what Redis did.
bool RedisLeases::note_answer(Subject& subject, const Word& word, const Result<RedisReply>& reply) {
  --subject.asks;
  if (reply.has_error() || reply->number < 0) {
    subject.unsure = true;
    return false;
  }
  subject.spoke_at = std::max(subject.spoke_at, word.spoken_at);
  if (word.command == "take") subject.held += reply->number;
  return true;
}

void RedisLeases::give_back(void* slot) {
  auto& entry = *static_cast<Entry*>(slot);
  auto& subject = entry.second;
  auto& shard = shard_of(entry.first);
  const std::lock_guard lock(shard.mutex);
  --subject.running;
  subject.used_at = clock_.steady_now();
  const auto spare = subject.held - subject.running - kept_of(subject.limit);
  if (spare > 0 && !subject.unsure) speak(entry, "give", spare, subject.used_at);
}

void RedisLeases::speak(Entry& entry, std::string_view command, std::int64_t count, SteadyTime now) {
  auto word = word_of(entry.second, command, count, now);
  if (word.command == "give") entry.second.held -= count;
  boost::asio::co_spawn(link_.executor(), say_behind(entry.first, word), boost::asio::detached);
}

Awaitable<void> RedisLeases::say_behind(std::string name, Word word) {
  const auto reply = co_await say(name, word);
  auto& shard = shard_of(name);
  const std::lock_guard lock(shard.mutex);
  auto& subject = shard.subjects.find(name)->second;
  static_cast<void>(note_answer(subject, word, reply));
}

// True: it can be forgotten.
bool RedisLeases::sweep(Entry& entry, SteadyTime now) {
  auto& subject = entry.second;
  if (subject.asks > 0) return false;
  if (subject.held > 0 && now - subject.spoke_at >= settings_.lease) {  // Redis has given them to others
    subject.held = 0;
    subject.unsure = subject.running > 0;
  }
  if (link_.can_ask()) {
    const auto spare = subject.held - subject.running;
    if (subject.unsure) {
      subject.unsure = false;
      subject.held = subject.running;
      speak(entry, "set", subject.running, now);
    } else if (spare > 0 && now - subject.used_at >= kKeptIdle) {
      speak(entry, "give", spare, now);
    } else if (subject.held > 0 && now - subject.spoke_at >= settings_.renewed_after) {
      speak(entry, "set", subject.held, now);
    }
  }
  const auto heard_last = std::max(subject.spoke_at, subject.used_at);
  const bool is_known = !subject.unsure || now - heard_last >= settings_.lease;
  return subject.running == 0 && subject.held == 0 && subject.asks == 0 && is_known &&
         now - subject.used_at >= kKeptIdle;
}

void RedisLeases::sweep() {
  const auto now = clock_.steady_now();
  for (auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    auto& subjects = shard.subjects;
    for (auto at = subjects.begin(); at != subjects.end();) {
      at = sweep(*at, now) ? subjects.erase(at) : std::next(at);
    }
  }
}

void RedisLeases::doubt_all() {
  for (auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (auto& entry : shard.subjects) entry.second.unsure = true;
  }
}

std::size_t RedisLeases::size() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.subjects.size();
  }
  return count;
}

}  // namespace relay
