// A stand-in provider: the wire formats of Anthropic and OpenAI, with every fault on demand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace relay {

/// On threads of its own. What it can be asked for is in README.md of this folder.
class Simulator {
 public:
  struct Settings {
    std::string host = "127.0.0.1";  // an IPv4 address
    std::uint16_t port = 0;          // 0: any free one
    std::size_t threads = 1;
    std::string tls_certificate_file = {};  // PEM; empty: no TLS
    std::string tls_key_file = {};
    std::string required_key = {};  // empty: any key, or none
  };

  /// Listens when it returns. Throws std::system_error, and std::runtime_error for the TLS files.
  explicit Simulator(Settings settings);
  /// Stops.
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  void start();
  std::uint16_t port() const;
  /// Closes every connection and joins the threads. Idempotent; not from a thread of its own.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace relay
