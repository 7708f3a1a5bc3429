#include "coordination/redis/node_link.h"

#include "observe/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace relay {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto kBeatEvery = 2s;
constexpr auto kTriedAfter = 1s;
constexpr auto kTriedEveryAtMost = 5s;
constexpr auto kSweepEvery = 250ms;
constexpr auto kFirstBeatAtMost = 2s;
constexpr auto kFirstBeatTried = 20ms;

const RedisScript& beat_script() {
  static const RedisScript script(R"lua(
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    redis.call('ZADD', KEYS[1], now, ARGV[1])
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 10000)
    redis.call('PEXPIRE', KEYS[1], 20000)
    return redis.call('ZCARD', KEYS[1])
  )lua");
  return script;
}

}  // namespace

NodeLink::NodeLink(RedisClient& client, const Clock& clock, Settings settings)
    : client_(client),
      clock_(clock),
      settings_(std::move(settings)),
      beat_timer_(loop_.get_executor()),
      sweep_timer_(loop_.get_executor()) {}

NodeLink::~NodeLink() { stop(); }

void NodeLink::start() {
  asio::co_spawn(loop_.get_executor(), beat_for_ever(), asio::detached);
  asio::co_spawn(loop_.get_executor(), sweep_for_ever(), asio::detached);
  thread_ = std::thread([this] {
    const auto work = asio::make_work_guard(loop_);
    loop_.run();
  });
  const auto patient_until = clock_.steady_now() + kFirstBeatAtMost;
  while (!has_beaten_ && clock_.steady_now() < patient_until) std::this_thread::sleep_for(5ms);
  if (!can_ask()) {
    log_warning("coordination", "Redis does not answer: this node takes every limit for its own",
                {{"connected", client_.is_connected()}});
  }
}

void NodeLink::stop() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
}

std::string NodeLink::key(std::string_view kind, std::string_view subject) const {
  std::string key;
  key.reserve(settings_.prefix.size() + kind.size() + subject.size() + 4);
  key.append("{").append(settings_.prefix).append(":").append(kind);
  return key.append(":").append(subject).append("}");
}

Task<RedisReply> NodeLink::ask(const RedisScript& script, std::string key, std::vector<std::string> args) {
  if (!can_ask()) co_return Error(ErrorKind::unavailable, "redis_unavailable", "Not available at the moment");
  std::vector<std::string> keys;
  keys.push_back(std::move(key));
  auto reply = co_await client_.run(script, std::move(keys), std::move(args), settings_.deadline);
  if (reply.has_error()) trip(reply.error());
  co_return reply;
}

void NodeLink::trip(const Error& error) {
  if (!can_ask_.exchange(false)) return;
  log_warning("coordination", "Redis does not answer: this node takes its share of the limits",
              {{"code", error.code()}, {"cause", error.cause()}, {"nodes", nodes()}});
  asio::post(loop_, [this] {
    failures_ = 1;
    next_beat_ = clock_.steady_now() + kTriedAfter;
    beat_timer_.cancel();
  });
}

Task<std::int64_t> NodeLink::beat() {
  std::vector<std::string> keys{"{" + settings_.prefix + ":nodes}"};
  std::vector<std::string> args{settings_.node_id};
  CO_TRY(const auto reply,
         co_await client_.run(beat_script(), std::move(keys), std::move(args), settings_.deadline));
  co_return reply.number;
}

// The most of what the last heartbeats counted: after Redis has lost its data the others are back in it one
// by one.
void NodeLink::count(std::int64_t nodes) {
  counts_[beats_++ % counts_.size()] = nodes;
  nodes_ = std::max<std::int64_t>(*std::ranges::max_element(counts_), 1);
}

Awaitable<void> NodeLink::beat_for_ever() {
  const auto began = clock_.steady_now();
  while (true) {
    const auto nodes = co_await beat();
    const auto now = clock_.steady_now();
    if (nodes.has_value()) {
      failures_ = 0;
      count(*nodes);
      next_beat_ = now + kBeatEvery;
      if (!can_ask_.exchange(true)) {
        log_info("coordination", "Redis answers", {{"nodes", this->nodes()}});
        for (const auto& recovered : recovered_) recovered();
      }
      has_beaten_ = true;
    } else if (!has_beaten_ && now - began < kFirstBeatAtMost) {
      next_beat_ = now + kFirstBeatTried;  // the first connection is on its way
    } else {
      trip(nodes.error());
      const auto wait = kTriedAfter * (1 << std::min(failures_, 3));
      next_beat_ = now + std::min<std::chrono::seconds>(wait, kTriedEveryAtMost);
      ++failures_;
    }
    while (clock_.steady_now() < next_beat_) {
      beat_timer_.expires_after(next_beat_ - clock_.steady_now());
      static_cast<void>(co_await beat_timer_.async_wait(as_result));
    }
  }
}

Awaitable<void> NodeLink::sweep_for_ever() {
  while (true) {
    sweep_timer_.expires_after(kSweepEvery);
    static_cast<void>(co_await sweep_timer_.async_wait(as_result));
    for (const auto& sweep : sweeps_) sweep();
  }
}

}  // namespace relay
