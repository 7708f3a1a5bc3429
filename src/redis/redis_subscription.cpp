#include "redis/redis_subscription.h"

#include "observe/log.h"

#include <boost/asio/co_spawn.hpp>

#include <utility>

namespace relay {
namespace {

using namespace std::chrono_literals;

// A PING every 2 s is answered at once; a link that has been silent for 4 s is dead: on_lost comes within 5.
constexpr auto kPingEach = 2s;
constexpr auto kSilenceMax = 4s;
constexpr auto kLookAtWatch = 250ms;

void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

RedisSubscription::RedisSubscription(const RedisShared& shared, std::string channel,
                                     RedisClient::Subscription wishes, AddressFor address_for)
    : shared_(shared),
      channel_(std::move(channel)),
      wishes_(std::move(wishes)),
      address_for_(std::move(address_for)),
      rest_(shared.context.get_executor()),
      watch_(shared.context.get_executor()) {}

void RedisSubscription::start() {
  if (closed_) return;
  boost::asio::co_spawn(shared_.context.get_executor(), keep_subscribed(shared_from_this()), rethrow);
  boost::asio::co_spawn(shared_.context.get_executor(), keep_watch(shared_from_this()), rethrow);
}

void RedisSubscription::close() {
  closed_ = true;
  rest_.cancel();
  watch_.cancel();
  if (connection_) connection_->close("the client has been stopped");
}

Awaitable<void> RedisSubscription::keep_subscribed(std::shared_ptr<RedisSubscription> self) {
  GrowingRest rest;
  while (!self->closed_) {
    const bool lived_well = co_await self->listen_once();
    if (self->closed_) break;
    ++self->attempt_;
    if (lived_well) {
      rest.begin_again();
      continue;
    }
    self->rest_.expires_after(rest.next());
    static_cast<void>(co_await self->rest_.async_wait(as_result));
  }
}

Awaitable<bool> RedisSubscription::listen_once() {
  connection_ = std::make_shared<RedisConnection>(shared_, address_for_(attempt_));
  const auto connection = connection_;
  give_up_ = shared_.clock.steady_now() + shared_.settings.connect_timeout;
  auto greeting = co_await connection->open();
  if (greeting.has_error()) co_return false;
  const auto since = shared_.clock.steady_now();
  connection->send(RedisCommand("SUBSCRIBE").arg(channel_));
  auto on_reply = [this](const RedisReply& reply) { take(reply); };
  std::function<void(RedisReply)> handler = on_reply;
  const auto reason = co_await connection->listen(std::move(handler));
  if (!std::exchange(subscribed_, false) || closed_) co_return false;
  log_warning("redis", "subscription lost", {{"channel", channel_}, {"reason", reason}});
  if (wishes_.on_lost) wishes_.on_lost();
  co_return shared_.clock.steady_now() - since >= GrowingRest::kLivedWell;
}

// ["subscribe", channel, 1], then ["message", channel, text] and, for a PING, ["pong", ""].
void RedisSubscription::take(const RedisReply& reply) {
  if (closed_) return;
  give_up_ = shared_.clock.steady_now() + kSilenceMax;
  if (reply.is_error()) return connection_->close("SUBSCRIBE is refused: " + reply.text);
  if (reply.items.empty()) return;
  const auto& word = reply.items.front().text;
  if (word == "subscribe" && !subscribed_) {
    subscribed_ = true;
    next_ping_ = shared_.clock.steady_now() + kPingEach;
    if (wishes_.on_subscribed) wishes_.on_subscribed();
  } else if (word == "message" && reply.items.size() == 3 && wishes_.on_message) {
    wishes_.on_message(reply.items[2].text);
  }
}

Awaitable<void> RedisSubscription::keep_watch(std::shared_ptr<RedisSubscription> self) {
  while (!self->closed_) {
    self->look_at_time();
    self->watch_.expires_after(kLookAtWatch);
    static_cast<void>(co_await self->watch_.async_wait(as_result));
  }
}

void RedisSubscription::look_at_time() {
  if (!connection_ || !connection_->is_open()) return;
  const auto now = shared_.clock.steady_now();
  if (now >= give_up_) return connection_->close_as_dead();
  if (!subscribed_ || now < next_ping_) return;
  connection_->send(RedisCommand("PING"));
  next_ping_ = now + kPingEach;
}

}  // namespace relay
