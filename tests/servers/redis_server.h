// A real Redis for tests.
#pragma once

#include "servers/child_process.h"
#include "store/temporary_folder.h"

#include <memory>

namespace relay::test {

class RedisServer {
 public:
  /// With these words behind its own on the command line.
  explicit RedisServer(std::vector<std::string> more = {});
  std::uint16_t port() const { return port_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  ChildProcess& process() { return *process_; }
  /// kill -9, and the same again on the same port, with the data that its log has.
  void kill();
  void start();

 private:
  TemporaryFolder folder_;
  std::uint16_t port_ = free_port();
  std::vector<std::string> more_;
  std::unique_ptr<ChildProcess> process_;
};

/// One for the whole test program, started at its first use. Who uses it takes a prefix of keys of its own.
RedisServer& shared_redis();

}  // namespace relay::test
