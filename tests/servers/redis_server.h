// A real Redis for tests.
#pragma once

#include "servers/child_process.h"
#include "store/temporary_folder.h"

#include <memory>

namespace relay::test {

class RedisServer {
 public:
  /// With these words behind its own on the command line.
  explicit RedisServer(std::vector<std::string> more = {}) : RedisServer(false, std::move(more)) {}
  /// One that speaks TLS only, with a certificate for 127.0.0.1 (not for localhost).
  static std::unique_ptr<RedisServer> with_tls();

  std::uint16_t port() const { return port_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  /// Of the server with TLS: whom to trust.
  std::string ca_file() const { return folder_.file("certificate.pem"); }
  ChildProcess& process() { return *process_; }
  /// kill -9, and the same again on the same port, with the data that its log has.
  void kill();
  void start();
  /// One command as people type it, past the client under test; the first line of the answer, or all of a
  /// text.
  std::string say(const std::string& command) const;

 private:
  RedisServer(bool tls, std::vector<std::string> more);

  TemporaryFolder folder_;
  std::uint16_t port_ = free_port();
  const bool tls_;
  std::vector<std::string> more_;
  std::unique_ptr<ChildProcess> process_;
};

/// Three nodes with a third of the slots each, no replicas.
class RedisCluster {
 public:
  RedisCluster();
  RedisServer& node(std::size_t number) { return *nodes_[number]; }
  std::string id_of(std::size_t number) const { return nodes_[number]->say("CLUSTER MYID"); }
  /// The number of the node that has the slot.
  std::size_t owner_of(std::uint16_t slot) const { return slot < 5461 ? 0 : slot < 10923 ? 1 : 2; }

 private:
  std::vector<std::unique_ptr<RedisServer>> nodes_;
};

/// One for the whole test program, started at its first use. Who uses it takes a prefix of keys of its own.
RedisServer& shared_redis();

}  // namespace relay::test
