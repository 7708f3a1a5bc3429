#include "app/workers.h"

#include "api/router.h"
#include "app/descriptor_limit.h"
#include "app/succession.h"
#include "app/worker_parts.h"
#include "cache/memory_response_cache.h"
#include "observe/log.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace relay {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kDrainLook{20};
constexpr std::chrono::seconds kCutShort{2};  // for coroutines to end after everything has been closed

std::unique_ptr<ResponseCache> cache_of(const Settings& settings, const Clock& clock) {
  if (settings.cache_bytes_max == 0) return nullptr;
  const ResponseCacheLimits limits{.bytes_max = settings.cache_bytes_max,
                                   .body_bytes_max = settings.cache_entry_bytes_max,
                                   .default_ttl = settings.cache_ttl};
  return std::make_unique<MemoryResponseCache>(limits, clock);
}

int copy_of(int listener) {
  const int copy = ::fcntl(listener, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) throw std::system_error(errno, std::generic_category(), "cannot share a socket");
  return copy;
}

}  // namespace

struct Workers::State {
  explicit State(Parts given)
      : parts(std::move(given)),
        cache(cache_of(parts.settings, parts.clock)),
        queues({.wait_max = parts.settings.queue_wait_max, .length_max = parts.settings.queue_length_max}),
        signals(control, SIGTERM, SIGINT),
        timer(control) {
    if (parts.handover != nullptr) {
      succession = std::make_unique<Succession>(control, *parts.handover);
      signals.add(SIGUSR2);
    }
    in_flight.limit = parts.settings.in_flight_max;
    for (std::size_t i = 0; i < parts.settings.threads; ++i) {
      all.push_back(
          std::make_unique<WorkerParts>(static_cast<int>(i), parts, in_flight, queues, cache.get()));
    }
  }

  void await_signal() {
    signals.async_wait([this](const boost::system::error_code& failed, int signal) {
      if (failed) return;
      await_signal();
      if (signal == SIGUSR2) return on_successor_asked();
      on_stop_asked();
    });
  }

  void on_successor_asked() {
    if (stop_asked || succession->is_under_way()) {
      log_warning("app",
                  "no successor is started: this server is on its way out, or one is starting already");
      return;
    }
    if (::getpid() == 1) {
      log_error("app", "no successor is started: this is process 1, and a container ends with it");
      return;
    }
    log_info("app", "starting a successor");
    HandedOver given{.listeners = {}, .host = parts.settings.host, .port = parts.settings.port};
    for (const auto& worker : all) {
      for (const int listener : worker->server->listeners()) given.listeners.push_back(listener);
    }
    succession->start(given, [this](Result<> outcome) {
      if (outcome.has_error()) {
        log_error("app", "the successor does not serve; this server goes on",
                  {{"reason", std::string_view(outcome.error().cause())}});
        return;
      }
      log_info("app", "the successor serves");
      if (stop_asked) return;
      has_successor = true;
      drain(DrainFor::successor, parts.settings.handover_limit);
    });
  }

  void on_stop_asked() {
    const auto now = parts.clock.steady_now();
    if (std::exchange(has_successor, false)) {
      // What a successor gave time for is to end now as any server does.
      drain_until = std::min(drain_until, now + parts.settings.drain_limit);
      return tell_to_drain(DrainFor::stop);
    }
    if (stop_asked) {
      drain_until = now;  // asked twice: no more patience
      return;
    }
    if (succession) succession->stop();
    if (parts.handover != nullptr) parts.handover->tell_stopping();
    drain(DrainFor::stop, parts.settings.drain_limit);
  }

  void drain(DrainFor reason, std::chrono::milliseconds limit) {
    stop_asked = true;
    log_info("app", "draining", {{"limit_ms", limit.count()}});
    drain_until = parts.clock.steady_now() + limit;
    tell_to_drain(reason);
    look_at_drain();
  }

  void tell_to_drain(DrainFor reason) {
    for (auto& worker : all) {
      asio::post(worker->worker.context(), [&worker = *worker, reason] { worker.server->drain(reason); });
    }
  }

  std::size_t open_connections() {
    std::size_t open = 0;
    for (auto& worker : all) open += worker->open_connections.load();
    return open;
  }

  // Each look asks the workers to count; what they said last time is what is looked at.
  void look_at_drain() {
    for (auto& worker : all) {
      asio::post(worker->worker.context(),
                 [&worker = *worker] { worker.open_connections = worker.server->open_connections(); });
    }
    timer.expires_after(kDrainLook);
    timer.async_wait([this](const boost::system::error_code&) {
      const auto now = parts.clock.steady_now();
      const auto open = open_connections();
      if (open == 0) return control.stop();
      if (now >= drain_until && !std::exchange(cut, true)) {
        log_warning("app", "the drain limit has passed; closing what is open", {{"connections", open}});
        for (auto& worker : all) {
          asio::post(worker->worker.context(), [&worker = *worker] { worker.server->close_all(); });
        }
        drain_until =
            now + kCutShort + parts.settings.connect_timeout;  // nothing ends a connect but its timeout
      } else if (now >= drain_until && cut) {
        return control.stop();
      }
      look_at_drain();
    });
  }

  Parts parts;
  std::unique_ptr<ResponseCache> cache;  // null: nothing is kept
  InFlight in_flight;
  CallQueues queues;
  asio::io_context control{1};
  asio::signal_set signals;
  asio::steady_timer timer;
  std::unique_ptr<Succession> succession;  // null: none can follow
  bool stop_asked = false;
  bool has_successor = false;  // and this server drains for it
  bool cut = false;
  SteadyTime drain_until{};
  std::vector<std::unique_ptr<WorkerParts>> all;
  std::vector<std::thread> threads;
};

Workers::Workers(Parts parts) : state_(std::make_unique<State>(std::move(parts))) {}

Workers::~Workers() {
  stop();
  for (auto& worker : state_->all) {
    // What did not end in time is left as it stands: its coroutines use parts that would be destroyed before
    // them.
    if (worker->open_connections.load() != 0) static_cast<void>(worker.release());
  }
}

void Workers::listen() {
  auto& all = state_->all;
  std::vector<int> given;
  if (auto* handover = state_->parts.handover; handover != nullptr) given = handover->take_listeners();
  std::vector<std::vector<int>> shares(all.size());
  for (std::size_t i = 0; i < given.size(); ++i) shares[i % all.size()].push_back(given[i]);
  // More threads than sockets: several wait at one. Another one beside it is for its owner alone to bind, and
  // a socket of systemd's is root's.
  for (std::size_t i = given.size(); !given.empty() && i < all.size(); ++i)
    shares[i].push_back(copy_of(given[i % given.size()]));
  const auto& settings = state_->parts.settings;
  const auto connections_max = client_connections_max(settings, descriptors_allowed());
  if (connections_max < settings.connections_max) {
    log_warning("app", "fewer client connections than CLIENT_CONNECTIONS_MAX: file descriptors are limited",
                {{"connections", connections_max}, {"descriptors", descriptors_allowed()}});
  }
  std::uint16_t port = settings.port;
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i]->listen(std::move(shares[i]), port, std::max<std::size_t>(connections_max / all.size(), 1));
    port = all[i]->server->port();
  }
}

std::uint16_t Workers::port() const { return state_->all.front()->server->port(); }

void Workers::run() {
  for (auto& worker : state_->all) {
    state_->threads.emplace_back([&worker = *worker] { worker.run(); });
  }
  state_->await_signal();
  const auto work = asio::make_work_guard(state_->control);
  state_->control.run();
  stop();
}

void Workers::request_stop() {
  asio::post(state_->control, [state = state_.get()] { state->on_stop_asked(); });
}

void Workers::stop() {
  for (auto& worker : state_->all) worker->worker.context().stop();
  for (auto& thread : state_->threads) thread.join();
  state_->threads.clear();
}

}  // namespace relay
