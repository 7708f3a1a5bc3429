#include "simulate/simulator.h"

#include "base/clock.h"
#include "net/tls.h"
#include "net/worker.h"
#include "simulate/listener.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <thread>
#include <vector>

namespace relay {

struct Simulator::State {
  // In the order of construction; a listener's connections are over before it goes.
  struct Thread {
    Thread(const State& state, int number, std::uint16_t port)
        : worker(number),
          listener({.worker = worker,
                    .state = *state.provider,
                    .clock = state.clock,
                    .tls = state.tls ? &*state.tls : nullptr,
                    .number = number},
                   {.host = state.settings.host, .port = port, .shared = state.settings.threads > 1}) {}

    void run() {
      const auto work = boost::asio::make_work_guard(worker.context());
      listener.start();
      worker.context().run();
    }

    Worker worker;
    simulate::Listener listener;
    std::thread thread;
  };

  explicit State(Settings given)
      : settings(std::move(given)),
        provider(std::make_unique<simulate::ProviderState>(settings.required_key)) {
    if (!settings.tls_certificate_file.empty())
      tls.emplace(settings.tls_certificate_file, settings.tls_key_file);
    auto port = settings.port;
    for (std::size_t number = 0; number < settings.threads; ++number) {
      threads.push_back(std::make_unique<Thread>(*this, static_cast<int>(number), port));
      port = threads.front()->listener.port();
    }
    bound_port = port;
  }

  const Settings settings;
  const SystemClock clock;
  std::optional<TlsServer> tls;
  std::unique_ptr<simulate::ProviderState> provider;
  std::vector<std::unique_ptr<Thread>> threads;
  std::uint16_t bound_port = 0;
};

Simulator::Simulator(Settings settings) : state_(std::make_unique<State>(std::move(settings))) {}

Simulator::~Simulator() { stop(); }

void Simulator::start() {
  for (auto& thread : state_->threads) {
    thread->thread = std::thread([&thread = *thread] { thread.run(); });
  }
}

std::uint16_t Simulator::port() const { return state_->bound_port; }

void Simulator::stop() {
  for (auto& thread : state_->threads) {
    if (!thread->thread.joinable()) continue;
    boost::asio::post(thread->worker.context(), [&listener = thread->listener] { listener.stop(); });
  }
  for (auto& thread : state_->threads) {
    if (thread->thread.joinable()) thread->thread.join();
  }
}

}  // namespace relay
