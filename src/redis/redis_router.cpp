#include "redis/redis_router.h"

#include "observe/log.h"
#include "redis/redis_error.h"

#include <algorithm>
#include <array>
#include <utility>

namespace relay {
namespace {

using namespace std::chrono_literals;

// One look at all that waits in place of a timer each: no deadline is late by more.
constexpr auto kLook = 10ms;
constexpr auto kMapAge = 100ms;
// A node that the map no longer has: an ASK may have led there, so it is kept while it is used.
constexpr auto kUnusedNodeAge = 60s;

}  // namespace

// CLUSTER SLOTS, for ourselves.
class RedisRouter::MapCall final : public RedisCall {
 public:
  MapCall(RedisRouter& router, RedisAddress asked, std::vector<RedisCommand> commands, const Limits& limits)
      : RedisCall(std::move(commands), nullptr, limits), router_(router), asked_(std::move(asked)) {}

 private:
  void deliver(Result<std::vector<RedisReply>> outcome) override { router_.take_map(asked_, outcome); }
  RedisRouter& router_;
  const RedisAddress asked_;
};

RedisRouter::RedisRouter(const RedisShared& shared)
    : shared_(shared),
      seed_(node_at({shared.settings.host, shared.settings.port})),
      timer_(shared.context.get_executor()) {}

RedisRouter::~RedisRouter() = default;

void RedisRouter::start() { seed_.start(); }

void RedisRouter::open(RedisCall& call) {
  open_.push_back(call);
  next_due_ = std::min(next_due_, call.limits().due);
  watch_time();
}

void RedisRouter::send(const std::shared_ptr<RedisCall>& call) {
  if (stopped_) return call->fail(redis_unavailable("the client has been stopped"));
  open(*call);
  if (call->size() == 1)
    return node_for(call->command(0).first_key()).send(call, std::array<std::size_t, 1>{0});
  std::map<RedisNode*, std::vector<std::size_t>> parts;
  for (std::size_t index = 0; index < call->size(); ++index) {
    parts[&node_for(call->command(index).first_key())].push_back(index);
  }
  for (const auto& [node, indices] : parts) node->send(call, indices);
}

void RedisRouter::stop() {
  stopped_ = true;
  for (const auto& [address, node] : nodes_) node->close();
  while (!open_.empty()) open_.front().fail(redis_unavailable("the client has been stopped"));
  timer_.cancel();
  note_state();
}

RedisAddress RedisRouter::address_for(std::size_t attempt) const {
  const auto& known = map_.nodes();
  const auto choice = attempt % (known.size() + 1);
  return choice == 0 ? seed_.address() : known[choice - 1];
}

RedisNode& RedisRouter::node_for(std::string_view key) {
  if (key.empty() || map_.nodes().empty()) return any_node();
  const auto* address = map_.node_of(redis_slot(key));
  return address == nullptr ? any_node() : node_at(*address);
}

RedisNode& RedisRouter::node_at(const RedisAddress& address) {
  auto& node = nodes_[address];
  if (!node) {
    node = std::make_shared<RedisNode>(shared_, address, static_cast<RedisNodeOwner&>(*this));
    if (nodes_.size() > 1 && !stopped_) node->start();  // the first one waits for start()
  }
  return *node;
}

RedisNode& RedisRouter::any_node() {
  if (seed_.is_ready() || nodes_.size() == 1) return seed_;
  for (const auto& [address, node] : nodes_) {
    if (node->is_ready()) return *node;
  }
  return seed_;
}

void RedisRouter::on_ready(RedisNode&, const RedisConnection::Greeting& greeting) {
  note_state();
  if (!greeting.cluster) return;
  cluster_.store(true, std::memory_order_relaxed);
  want_map();
}

void RedisRouter::on_away(RedisNode&) {
  note_state();
  if (is_cluster()) want_map();  // another node may have taken over
}

void RedisRouter::note_state() {
  const bool ready =
      std::any_of(nodes_.begin(), nodes_.end(), [](const auto& node) { return node.second->is_ready(); });
  connected_.store(ready, std::memory_order_relaxed);
}

void RedisRouter::on_reply(RedisNode& node, OwedReply owed, RedisReply reply) {
  auto& call = owed.call;
  if (!call || call->is_finished()) return;
  if (!reply.is_error()) return call->answer(owed.index, std::move(reply));
  const std::array<std::size_t, 1> index{owed.index};
  // Nothing was run: sending it again, whole, can't run it twice.
  if (is_error_of(reply, "NOSCRIPT") && call->turn_into_eval()) return node.send(call, index);
  if (is_error_of(reply, "MOVED") || is_error_of(reply, "ASK")) return redirect(node, owed, reply);
  const bool is_replica = is_error_of(reply, "READONLY") && !is_cluster();
  call->answer(owed.index, std::move(reply));
  // After a failover the name may stand for another server.
  if (is_replica) node.renew("the server is a replica");
}

void RedisRouter::redirect(RedisNode& node, const OwedReply& owed, const RedisReply& reply) {
  const auto where = parse_redirection(reply.text, node.address());
  if (!where) return owed.call->fail(redis_unavailable("unreadable redirection: " + reply.text));
  const bool moved = is_error_of(reply, "MOVED");
  if (!moved && !owed.call->may_ask()) {  // nothing was run
    return owed.call->fail(redis_unavailable("the slot is being moved: " + reply.text));
  }
  if (moved) {
    cluster_.store(true, std::memory_order_relaxed);
    map_.move(where->slot, where->address);
    want_map();
  }
  if (!owed.call->may_follow()) {
    return owed.call->fail(redis_unavailable("redirected too often, at last: " + reply.text));
  }
  const std::array<std::size_t, 1> index{owed.index};
  node_at(where->address).send(owed.call, index, !moved);
}

void RedisRouter::want_map() {
  map_wanted_ = true;
  ask_for_map();
  watch_time();
}

void RedisRouter::ask_for_map() {
  const auto now = shared_.clock.steady_now();
  if (stopped_ || map_asked_ || !map_wanted_ || now < map_since_ + kMapAge) return;
  auto& node = any_node();
  if (!node.is_ready()) return;
  map_wanted_ = false;
  map_asked_ = true;
  map_since_ = now;
  std::vector<RedisCommand> commands{RedisCommand("CLUSTER").arg("SLOTS")};
  static_cast<void>(own_calls_.try_enter(1, bytes_of(commands)));
  const auto due = now + shared_.settings.command_timeout;
  const RedisCall::Limits limits{due, due, own_calls_};
  const auto call = std::make_shared<MapCall>(*this, node.address(), std::move(commands), limits);
  open(*call);
  node.send(call, std::array<std::size_t, 1>{0});
}

void RedisRouter::take_map(const RedisAddress& asked, const Result<std::vector<RedisReply>>& answer) {
  map_asked_ = false;
  if (stopped_) return;
  if (answer.has_error() || !map_.read(answer->front(), asked)) {
    log_warning("redis", "the cluster's slots can't be read", {{"server", asked.text()}});
    map_wanted_ = true;
    return;
  }
  drop_unused_nodes();
}

void RedisRouter::drop_unused_nodes() {
  const auto now = shared_.clock.steady_now();
  const auto& known = map_.nodes();
  std::erase_if(nodes_, [&](const auto& entry) {
    const auto& [address, node] = entry;
    if (node.get() == &seed_ || now - node->last_used() < kUnusedNodeAge) return false;
    if (std::find(known.begin(), known.end(), address) != known.end()) return false;
    node->close();
    return true;
  });
}

void RedisRouter::watch_time() {
  if (watching_ || stopped_) return;
  watching_ = true;
  look_again();
}

void RedisRouter::look_again() {
  timer_.expires_after(kLook);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled && !stopped_) sweep();
  });
}

void RedisRouter::sweep() {
  const auto now = shared_.clock.steady_now();
  bool waits = fail_late_calls(now);
  for (const auto& [address, node] : nodes_) waits = node->sweep(now) || waits;
  ask_for_map();
  note_state();
  watching_ = waits || (map_wanted_ && is_connected());
  if (watching_) look_again();
}

bool RedisRouter::fail_late_calls(SteadyTime now) {
  if (now >= next_due_) {
    next_due_ = SteadyTime::max();
    for (auto at = open_.begin(); at != open_.end();) {
      auto& call = *at++;  // it leaves the list when it fails
      if (now >= call.limits().due) {
        call.fail(redis_unavailable("no answer in time"));
      } else {
        next_due_ = std::min(next_due_, call.limits().due);
      }
    }
  }
  return !open_.empty();
}

}  // namespace relay
