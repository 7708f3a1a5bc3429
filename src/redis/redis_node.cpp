#include "redis/redis_node.h"

#include "observe/log.h"
#include "redis/redis_error.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <utility>

namespace relay {
namespace {

void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

RedisNode::RedisNode(const RedisShared& shared, RedisAddress address, RedisNodeOwner& owner)
    : shared_(shared), address_(std::move(address)), owner_(owner), last_used_(shared.clock.steady_now()) {
  for (std::size_t at = 0; at < std::max<std::size_t>(shared.settings.connections, 1); ++at) {
    places_.push_back(std::make_unique<Place>(shared.context.get_executor()));
  }
}

void RedisNode::start() {
  for (std::size_t at = 0; at < places_.size(); ++at) {
    boost::asio::co_spawn(shared_.context.get_executor(), keep_connected(shared_from_this(), at), rethrow);
  }
}

Awaitable<void> RedisNode::keep_connected(std::shared_ptr<RedisNode> self, std::size_t at) {
  auto& place = *self->places_[at];
  GrowingRest rest;
  while (!self->closed_) {
    const bool lived_well = co_await self->connect_and_serve(place);
    if (self->closed_) break;
    if (lived_well) rest.begin_again();
    if (!lived_well && place.hopeful) {  // once for each time that it goes away
      log_warning("redis", "the server can't be reached", {{"reason", self->failure_}});
    }
    place.hopeful = lived_well;
    self->settle_held();
    if (!self->is_ready() && !lived_well) self->owner_.on_away(*self);
    if (lived_well) continue;
    place.rest.expires_after(rest.next());
    static_cast<void>(co_await place.rest.async_wait(as_result));
  }
}

// True when the connection stood for a while and was not given up as dead.
Awaitable<bool> RedisNode::connect_and_serve(Place& place) {
  auto connection = std::make_shared<RedisConnection>(shared_, address_);
  place.connection = connection;
  place.open_due = shared_.clock.steady_now() + shared_.settings.connect_timeout;
  owner_.watch_time();
  auto greeting = co_await connection->open();
  if (closed_ || greeting.has_error()) {
    place.connection.reset();
    if (greeting.has_error()) failure_ = greeting.error().cause();
    co_return false;
  }
  log_info("redis", "connected", {{"server", address_.text()}});
  place.ready = place.hopeful = true;
  const auto since = shared_.clock.steady_now();
  owner_.on_ready(*this, *greeting);
  settle_held();
  auto on_reply = [this](OwedReply owed, RedisReply reply) {
    owner_.on_reply(*this, std::move(owed), std::move(reply));
  };
  std::function<void(OwedReply, RedisReply)> handler = on_reply;
  const auto reason = co_await connection->serve(std::move(handler));
  place.ready = false;
  place.connection.reset();
  failure_ = address_.text() + ": " + reason;
  if (!closed_) log_warning("redis", "connection lost", {{"server", address_.text()}, {"reason", reason}});
  co_return shared_.clock.steady_now() - since >= GrowingRest::kLivedWell && !connection->was_dead();
}

bool RedisNode::is_ready() const {
  return std::any_of(places_.begin(), places_.end(), [](const auto& place) { return place->ready; });
}

RedisConnection* RedisNode::least_busy() const {
  RedisConnection* best = nullptr;
  for (const auto& place : places_) {
    if (!place->ready || !place->connection->is_open()) continue;
    if (best == nullptr || place->connection->owed() < best->owed()) best = place->connection.get();
  }
  return best;
}

void RedisNode::put(RedisConnection& connection, Held held) {
  if (held.call->is_finished()) return;
  if (held.asking) connection.send(RedisCommand("ASKING"), OwedReply{});
  const auto& command = held.call->command(held.index);
  connection.send(command, OwedReply{std::move(held.call), held.index});
}

void RedisNode::send(const std::shared_ptr<RedisCall>& call, std::span<const std::size_t> indices,
                     bool asking) {
  last_used_ = shared_.clock.steady_now();
  auto* connection = least_busy();
  for (const auto index : indices) {
    Held held{call, index, asking};
    if (connection != nullptr) {
      put(*connection, std::move(held));
    } else {
      held_.push_back(std::move(held));
    }
  }
  if (connection == nullptr) settle_held();
}

// What waits goes out, or goes on waiting while there is hope, or fails.
void RedisNode::settle_held() {
  if (held_.empty()) return;
  if (auto* connection = least_busy(); connection != nullptr) {
    for (auto& held : std::exchange(held_, {})) put(*connection, std::move(held));
    return;
  }
  const bool hope = !closed_ && std::any_of(places_.begin(), places_.end(),
                                            [](const auto& place) { return place->hopeful; });
  if (hope) return;
  for (auto& held : std::exchange(held_, {})) held.call->fail(redis_unavailable(failure_));
}

bool RedisNode::sweep(SteadyTime now) {
  bool waits = !held_.empty();
  for (const auto& place : places_) {
    if (!place->connection) continue;
    if (!place->ready) {
      waits = true;
      if (now >= place->open_due) place->connection->close("no connection in time");
    } else if (const auto due = place->connection->oldest_due(); due) {
      waits = true;
      if (now >= *due) place->connection->close_as_dead();
    }
  }
  return waits;
}

void RedisNode::renew(const std::string& reason) {
  for (const auto& place : places_) {
    if (place->ready) place->connection->close(reason);
  }
}

void RedisNode::close() {
  closed_ = true;
  failure_ = "the client has been stopped";
  for (const auto& place : places_) {
    place->rest.cancel();
    if (place->connection) place->connection->close(failure_);
  }
  settle_held();
}

}  // namespace relay
