#include "coordination/redis/redis_rate_window.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace relay {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr nanoseconds kMinute = 1min;
constexpr auto kCreditsLast = 1s;
constexpr auto kRefusalRemembered = 200ms;
constexpr std::size_t kReturnsMax = 10'000;

nanoseconds interval_of(std::int64_t limit) { return std::max(kMinute / limit, nanoseconds(1)); }

// "tat", the theoretical arrival time, is when the window would be wholly free, in microseconds of the
// server's clock: with its fraction well within what a double holds.
const RedisScript& take_script() {
  static const RedisScript script(R"lua(
    local want, limit, owed = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local interval = 60000000 / limit
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
    if owed > 0 then tat = math.max(tat, math.min(tat + owed * interval, now + 60000000)) end
    local room = math.max(math.floor((now + 60000000 - tat) / interval + 0.000001), 0)
    local granted = math.min(want, room)
    tat = tat + granted * interval
    if granted > 0 or owed > 0 then
      redis.call('SET', KEYS[1], string.format('%.2f', tat), 'PX', math.max(math.ceil((tat - now) / 1000), 1))
    end
    local retry = 0
    if granted == 0 then retry = math.max(math.ceil((tat + interval - now - 60000000) / 1000), 1) end
    return {granted, math.min(room - granted, limit), now, math.ceil((tat - now) / 1000), retry}
  )lua");
  return script;
}

// A credit that comes back is worth what it took of the window, less the time that has passed since: so much
// of it the window may have got back by itself, and then others may have taken it.
const RedisScript& return_script() {
  static const RedisScript script(R"lua(
    local tat = tonumber(redis.call('GET', KEYS[1]) or 0)
    local interval = 60000000 / tonumber(ARGV[1])
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local free = 0
    for i = 2, #ARGV, 2 do
      free = free + math.max(tonumber(ARGV[i]) * interval - (now - tonumber(ARGV[i + 1])), 0)
    end
    if tat <= now or free <= 0 then return 0 end
    tat = tat - free
    if tat <= now then
      redis.call('DEL', KEYS[1])
    else
      redis.call('SET', KEYS[1], string.format('%.2f', tat), 'PX', math.ceil((tat - now) / 1000))
    end
    return 1
  )lua");
  return script;
}

}  // namespace

RedisRateWindow::RedisRateWindow(NodeLink& link, const Clock& clock) : link_(link), clock_(clock) {
  link_.on_sweep([this] { sweep(); });
}

std::int64_t RedisRateWindow::piece_of(std::int64_t limit) {
  return std::clamp<std::int64_t>(limit / 20, 1, 50);
}

std::int64_t RedisRateWindow::credits_of(const Subject& subject, SteadyTime now) {
  std::int64_t credits = 0;
  for (const auto& piece : subject.pieces) {
    if (now - piece.asked_at < kCreditsLast) credits += piece.credits;
  }
  return credits;
}

bool RedisRateWindow::spend(Subject& subject, SteadyTime now) const {
  for (auto piece = subject.pieces.begin(); piece != subject.pieces.end(); ++piece) {
    if (now - piece->asked_at >= kCreditsLast) continue;  // the next sweep gives it back
    if (--piece->credits == 0) subject.pieces.erase(piece);
    charge_share(subject, now);
    return true;
  }
  return false;
}

// Goes along with what Redis lets pass, so that the share knows of it when Redis goes away.
void RedisRateWindow::charge_share(Subject& subject, SteadyTime now) const {
  const auto busy_until = std::max(subject.share_free_at, now);
  subject.share_free_at = std::min(busy_until + interval_of(link_.share_of(subject.limit)), now + kMinute);
}

RateDecision RedisRateWindow::decide_by_share(Subject& subject, SteadyTime now) const {
  const auto interval = interval_of(link_.share_of(subject.limit));
  const auto busy_until = std::max(subject.share_free_at, now);
  const auto after_this = busy_until + interval - now;
  if (after_this > kMinute) {
    return {.admitted = false,
            .remaining = 0,
            .retry_after = std::chrono::ceil<milliseconds>(after_this - kMinute),
            .reset_after = std::chrono::ceil<milliseconds>(busy_until - now)};
  }
  subject.share_free_at = busy_until + interval;
  ++subject.owed;
  return {.admitted = true,
          .remaining = (kMinute - after_this) / interval,
          .retry_after = milliseconds(0),
          .reset_after = std::chrono::ceil<milliseconds>(after_this)};
}

RateDecision RedisRateWindow::admitted(const Subject& subject, SteadyTime now) const {
  const auto came_back = (now - subject.told_at) / interval_of(subject.limit);
  const auto remaining = credits_of(subject, now) + subject.left + came_back;
  return {.admitted = true,
          .remaining = std::min<std::int64_t>(remaining, subject.limit - 1),
          .retry_after = milliseconds(0),
          .reset_after = std::chrono::ceil<milliseconds>(std::max(subject.free_at - now, nanoseconds(0)))};
}

std::optional<RateDecision> RedisRateWindow::decide(std::string_view name, Subject& subject, SteadyTime now) {
  if (spend(subject, now)) {
    const auto piece = piece_of(subject.limit);
    const bool asks_more = piece > 1 && !subject.fetching && credits_of(subject, now) <= piece / 2 &&
                           now >= subject.refused_until && link_.can_ask();
    if (asks_more) {
      auto question = question_of(subject, now, true);
      boost::asio::co_spawn(link_.executor(), prefetch(std::string(name), subject.limit, question),
                            boost::asio::detached);
    }
    return admitted(subject, now);
  }
  if (!link_.can_ask()) return decide_by_share(subject, now);
  if (now < subject.refused_until) {
    const auto retry_after = std::chrono::ceil<milliseconds>(subject.retry_at - now);
    return RateDecision{
        .admitted = false,
        .remaining = 0,
        .retry_after = std::max(retry_after, milliseconds(1)),
        .reset_after = std::chrono::ceil<milliseconds>(std::max(subject.free_at - now, nanoseconds(0)))};
  }
  return std::nullopt;
}

RedisRateWindow::Subject& RedisRateWindow::subject_of(Shard& shard, std::string_view name, std::int64_t limit,
                                                      SteadyTime now) {
  auto found = shard.subjects.find(name);
  if (found == shard.subjects.end()) found = shard.subjects.emplace(name, Subject()).first;
  auto& subject = found->second;
  if (subject.limit != limit) {  // changed: what was fetched of the old one is let go
    subject.limit = limit;
    subject.pieces.clear();
    subject.refused_until = now;
  }
  return subject;
}

std::optional<RateDecision> RedisRateWindow::try_take(std::string_view name, std::int64_t limit, SteadyTime) {
  const auto now = clock_.steady_now();
  auto& shard = shard_of(name);
  const std::lock_guard lock(shard.mutex);
  return decide(name, subject_of(shard, name, limit, now), now);
}

// While a piece is on its way every other call asks for itself alone: a node never holds more than one piece.
RedisRateWindow::Question RedisRateWindow::question_of(Subject& subject, SteadyTime now, bool behind) const {
  Question question{.want = 1, .owed = 0, .for_piece = false, .asked_at = now};
  if (!subject.fetching) {
    question.want = piece_of(subject.limit) - credits_of(subject, now);
    question.for_piece = true;
    subject.fetching = true;
  }
  if (subject.owed > 0 && !behind) {
    const auto interval = interval_of(link_.share_of(subject.limit));
    const auto still_counts = std::max(subject.share_free_at - now, nanoseconds(0)) / interval + 1;
    question.owed = std::min<std::int64_t>(subject.owed, still_counts);
    subject.owed = 0;
  }
  ++subject.asks;
  return question;
}

Task<RedisReply> RedisRateWindow::ask(std::string name, std::int64_t limit, Question question) {
  std::vector<std::string> args{std::to_string(question.want), std::to_string(limit),
                                std::to_string(question.owed)};
  return link_.ask(take_script(), link_.key("rate", name), std::move(args));
}

std::int64_t RedisRateWindow::note_answer(Subject& subject, std::int64_t limit, const Question& question,
                                          const Result<RedisReply>& reply, SteadyTime now,
                                          std::int64_t spent_at_once) const {
  --subject.asks;
  if (question.for_piece) subject.fetching = false;
  if (reply.has_error() || reply->items.size() != 5) {
    subject.owed += question.owed;  // it may have been told: too much is on the safe side
    return -1;
  }
  const auto granted = reply->items[0].number;
  const auto kept = granted - std::min(granted, spent_at_once);
  if (limit == subject.limit && kept > 0) {
    subject.pieces.push_back({kept, question.asked_at, reply->items[2].number});
  }
  subject.left = reply->items[1].number;
  subject.told_at = now;
  subject.free_at = now + milliseconds(reply->items[3].number);
  if (granted == 0) {
    subject.retry_at = now + milliseconds(reply->items[4].number);
    subject.refused_until = std::min(subject.retry_at, now + kRefusalRemembered);
  }
  return granted;
}

Awaitable<RateDecision> RedisRateWindow::take(std::string name, std::int64_t limit, SteadyTime now) {
  now = clock_.steady_now();
  auto& shard = shard_of(name);
  Subject* subject = nullptr;  // stays where it is while it has a question on its way
  Question question;
  {
    const std::lock_guard lock(shard.mutex);
    subject = &subject_of(shard, name, limit, now);
    if (const auto at_once = decide(name, *subject, now)) co_return *at_once;
    question = question_of(*subject, now, false);
  }
  const auto reply = co_await ask(name, limit, question);

  now = clock_.steady_now();
  const std::lock_guard lock(shard.mutex);
  const auto granted = note_answer(*subject, limit, question, reply, now, 1);
  if (granted < 0) co_return decide_by_share(*subject, now);
  if (granted > 0) {
    charge_share(*subject, now);
    co_return admitted(*subject, now);
  }
  if (auto decision = decide(name, *subject, now)) co_return *decision;
  co_return RateDecision{.admitted = false, .remaining = 0, .retry_after = milliseconds(1)};
}

// The credit it was let in by, or what the share let pass.
void RedisRateWindow::give_back(std::string_view name, std::int64_t limit) {
  const auto now = clock_.steady_now();
  auto& shard = shard_of(name);
  const std::lock_guard lock(shard.mutex);
  auto& subject = subject_of(shard, name, limit, now);
  subject.share_free_at -= interval_of(link_.share_of(subject.limit));
  if (subject.owed > 0) {
    --subject.owed;
  } else if (!subject.pieces.empty()) {
    ++subject.pieces.back().credits;
  } else {
    subject.pieces.push_back({1, now, 0});
  }
}

Awaitable<void> RedisRateWindow::prefetch(std::string name, std::int64_t limit, Question question) {
  const auto reply = co_await ask(name, limit, question);
  auto& shard = shard_of(name);
  const std::lock_guard lock(shard.mutex);
  note_answer(shard.subjects.find(name)->second, limit, question, reply, clock_.steady_now(), 0);
}

// True: it can be forgotten.
bool RedisRateWindow::sweep(const std::string& name, Subject& subject, SteadyTime now) {
  Return old{.subject = name, .limit = subject.limit, .pieces = {}};
  std::erase_if(subject.pieces, [&old, now](const Piece& piece) {
    if (now - piece.asked_at < kCreditsLast) return false;
    old.pieces.push_back(piece);
    return true;
  });
  if (!old.pieces.empty() && returns_.size() < kReturnsMax) returns_.push_back(std::move(old));
  return subject.pieces.empty() && subject.asks == 0 && now >= subject.refused_until &&
         subject.share_free_at <= now;
}

void RedisRateWindow::sweep() {
  const auto now = clock_.steady_now();
  for (auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    auto& subjects = shard.subjects;
    for (auto at = subjects.begin(); at != subjects.end();) {
      at = sweep(at->first, at->second, now) ? subjects.erase(at) : std::next(at);
    }
  }
  if (returns_.empty() || giving_back_) return;
  giving_back_ = true;
  boost::asio::co_spawn(link_.executor(), return_old(), boost::asio::detached);
}

// One after the other: late is no harm, what a credit is worth falls with its age.
Awaitable<void> RedisRateWindow::return_old() {
  while (!returns_.empty()) {
    const auto old = std::move(returns_.front());
    returns_.pop_front();
    std::vector<std::string> args{std::to_string(old.limit)};
    for (const auto& piece : old.pieces) {
      args.push_back(std::to_string(piece.credits));
      args.push_back(std::to_string(piece.granted_at_us));
    }
    // Lost when Redis is away: then the window is freed by time alone.
    static_cast<void>(co_await link_.ask(return_script(), link_.key("rate", old.subject), std::move(args)));
  }
  giving_back_ = false;
}

std::size_t RedisRateWindow::size() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.subjects.size();
  }
  return count;
}

}  // namespace relay
