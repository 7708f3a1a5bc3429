#include "app/workers.h"

#include "api/router.h"
#include "app/worker_parts.h"
#include "cache/memory_response_cache.h"
#include "observe/log.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <csignal>
#include <thread>
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

}  // namespace

struct Workers::State {
  explicit State(Parts given)
      : parts(std::move(given)),
        cache(cache_of(parts.settings, parts.clock)),
        signals(control, SIGTERM, SIGINT),
        timer(control) {
    in_flight.limit = parts.settings.in_flight_max;
    for (std::size_t i = 0; i < parts.settings.threads; ++i) {
      all.push_back(std::make_unique<WorkerParts>(static_cast<int>(i), parts, in_flight, cache.get()));
    }
  }

  void await_signal() {
    signals.async_wait([this](const boost::system::error_code& failed, int) {
      if (failed) return;
      await_signal();
      on_stop_asked();
    });
  }

  void on_stop_asked() {
    if (std::exchange(stop_asked, true)) {
      drain_until = parts.clock.steady_now();  // asked twice: no more patience
      return;
    }
    log_info("app", "draining", {{"limit_ms", parts.settings.drain_limit.count()}});
    drain_until = parts.clock.steady_now() + parts.settings.drain_limit;
    for (auto& worker : all) {
      asio::post(worker->worker.context(), [&worker = *worker] { worker.server->drain(); });
    }
    look_at_drain();
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
  asio::io_context control{1};
  asio::signal_set signals;
  asio::steady_timer timer;
  bool stop_asked = false;
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
  std::uint16_t port = state_->parts.settings.port;
  for (auto& worker : state_->all) {
    worker->listen(port);
    port = worker->server->port();
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
