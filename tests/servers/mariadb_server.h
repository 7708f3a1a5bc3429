// A real MariaDB for tests.
#pragma once

#include "servers/child_process.h"
#include "store/temporary_folder.h"

#include <memory>

namespace relay::test {

/// Listens on TCP with a user "relay" / "relay" that may do everything. Small, and without syncs: it is
/// thrown away.
class MariadbServer {
 public:
  explicit MariadbServer(std::vector<std::string> more = {});
  std::uint16_t port() const { return port_; }
  ChildProcess& process() { return *process_; }
  void kill();
  void start();

 private:
  TemporaryFolder folder_;
  std::uint16_t port_ = free_port();
  std::vector<std::string> more_;
  std::unique_ptr<ChildProcess> process_;
};

/// One for the whole test program, started at its first use. Who uses it takes a database of its own.
MariadbServer& shared_mariadb();

}  // namespace relay::test
