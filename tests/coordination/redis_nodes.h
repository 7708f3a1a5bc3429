// Nodes that share a Redis, in one test: each with a client, a loop and callers of its own.
#pragma once

#include "coordination/redis/node_link.h"
#include "fakes/await.h"
#include "servers/redis_server.h"

#include <boost/asio/detached.hpp>

#include <memory>
#include <thread>
#include <vector>

namespace relay::test {

/// `Part` is made of (NodeLink&, const Clock&).
template <class Part>
struct RedisNodeUnderTest {
  /// On a busy machine Redis takes longer than 50 ms now and then: who does not test that says another
  /// deadline.
  RedisNodeUnderTest(const RedisServer& server, const std::string& prefix, const std::string& id,
                     std::chrono::milliseconds deadline = NodeLink::kDeadline)
      : client(settings_of(server)),
        link(client, clock, {.prefix = prefix, .node_id = id, .deadline = deadline}),
        part(link, clock) {
    link.start();
  }
  ~RedisNodeUnderTest() {
    link.stop();
    client.stop();
  }
  static RedisSettings settings_of(const RedisServer& server) {
    RedisSettings settings;
    settings.port = server.port();
    return settings;
  }

  SystemClock clock;
  RedisClient client;
  NodeLink link;
  Part part;
};

/// Polls, for what comes by itself on another thread.
template <class Condition>
bool comes_true(std::chrono::milliseconds within, Condition condition) {
  for (auto waited = std::chrono::milliseconds(0); waited < within; waited += std::chrono::milliseconds(5)) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

/// Runs `callers` coroutines of `make` on each of `threads` threads, to their ends.
template <class Make>
void run_callers(int threads, int callers, Make make) {
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t) {
    all.emplace_back([=] {
      boost::asio::io_context context(1);
      for (int c = 0; c < callers; ++c) {
        boost::asio::co_spawn(context.get_executor(), make(t), rethrow);
      }
      context.run();
    });
  }
  for (auto& thread : all) thread.join();
}

}  // namespace relay::test
