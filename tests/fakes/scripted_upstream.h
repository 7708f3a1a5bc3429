// A provider that plays what a test wrote down: a tiny blocking server, one thread a connection.
#pragma once

#include "fakes/blocking_socket.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace relay::test {

/// Connections are numbered from 0. The script runs on the connection's own thread; the connection is
/// closed when it returns, and every wait in it ends within BlockingSocket::kPatience.
class ScriptedUpstream {
 public:
  using Script = std::function<void(BlockingSocket& connection, int number)>;

  explicit ScriptedUpstream(Script script)
      : script_(std::move(script)), accepting_([this] { accept_all(); }) {}
  ~ScriptedUpstream() {
    stopping_ = true;
    accepting_.join();
    for (auto& thread : playing_) thread.join();
  }
  ScriptedUpstream(const ScriptedUpstream&) = delete;
  ScriptedUpstream& operator=(const ScriptedUpstream&) = delete;

  std::uint16_t port() const { return listener_.port(); }
  int connections() const { return connections_; }

 private:
  void accept_all() {
    while (!stopping_) {
      const int accepted = listener_.accept_within(std::chrono::milliseconds(20));
      if (accepted < 0) continue;
      playing_.emplace_back([this, accepted, number = connections_++] {
        BlockingSocket connection(accepted);
        script_(connection, number);
      });
    }
  }

  Script script_;
  LoopbackListener listener_;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> playing_;
  std::thread accepting_;
};

inline std::string chunk_of(std::string_view bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return std::string(size).append(bytes).append("\r\n");
}

inline std::string answer_of(std::string_view body, std::string_view more_head = "") {
  return std::string("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
      .append(more_head)
      .append("content-length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
}

}  // namespace relay::test
