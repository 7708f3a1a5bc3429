// What the tests of the Redis client share: settings, waiting for something to be true, and a server that
// does as told.
#pragma once

#include "fakes/await.h"
#include "fakes/blocking_socket.h"
#include "redis/redis_client.h"
#include "servers/redis_server.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace relay::test {

inline RedisSettings settings_of(std::uint16_t port) {
  RedisSettings settings;
  settings.port = port;
  return settings;
}

inline Result<RedisReply> run(RedisClient& client, RedisCommand command) {
  return await(client.run(std::move(command)));
}

/// Asks again and again, for at most ten seconds.
inline bool becomes_true(const std::function<bool()>& condition) {
  for (int tries = 0; tries < 2000; ++tries) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

/// Gives each connection to `serve`, on a thread of its own.
class ScriptedRedis {
 public:
  using Serve = std::function<void(BlockingSocket&)>;

  explicit ScriptedRedis(Serve serve) : serve_(std::move(serve)), thread_([this] { accept_all(); }) {}
  ~ScriptedRedis() {
    stopped_ = true;
    thread_.join();
    for (auto& connection : connections_) connection.join();
  }

  RedisSettings settings() const {
    auto settings = settings_of(listener_.port());
    settings.connections = 1;
    return settings;
  }
  int accepted() const { return accepted_; }

  /// Answers what the client says first, as a single server does. What came.
  static std::string greet(BlockingSocket& socket) {
    auto said = socket.receive_until("PING\r\n");
    std::string answers;
    for (const auto* word : {"AUTH\r\n", "SELECT\r\n", "SETNAME\r\n"}) {
      if (said.find(word) != std::string::npos) answers += "+OK\r\n";
    }
    socket.send(answers + "$17\r\ncluster_enabled:0\r\n+PONG\r\n");
    return said;
  }

 private:
  void accept_all() {
    while (!stopped_) {
      const int descriptor = listener_.accept_within(std::chrono::milliseconds(10));
      if (descriptor < 0) continue;
      ++accepted_;
      connections_.emplace_back([this, descriptor] {
        BlockingSocket socket(descriptor);
        serve_(socket);
      });
    }
  }

  const Serve serve_;
  LoopbackListener listener_;
  std::atomic<bool> stopped_{false};
  std::atomic<int> accepted_{0};
  std::vector<std::thread> connections_;
  std::thread thread_;
};

}  // namespace relay::test
