#include "servers/mariadb_server.h"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace relay::test {
namespace {

// It refuses to run as root unless it is told to.
std::vector<std::string> with_account(std::vector<std::string> words) {
  if (::geteuid() == 0) words.emplace_back("--user=root");
  return words;
}

}  // namespace

MariadbServer::MariadbServer(std::vector<std::string> more) : more_(std::move(more)) {
  const auto data = folder_.file("data");
  ChildProcess install(
      with_account({"mariadb-install-db", "--no-defaults", "--datadir=" + data, "--tmpdir=" + folder_.path(),
                    "--skip-test-db", "--auth-root-authentication-method=normal"}),
      folder_.file("install.log"));
  if (install.wait() != 0) throw std::runtime_error("mariadb-install-db failed");
  std::ofstream(folder_.file("init.sql")) << "CREATE USER IF NOT EXISTS 'relay'@'%' IDENTIFIED BY 'relay';\n"
                                             "GRANT ALL ON *.* TO 'relay'@'%' WITH GRANT OPTION;\n";
  start();
}

void MariadbServer::start() {
  std::vector<std::string> words{"mariadbd",
                                 "--no-defaults",
                                 "--datadir=" + folder_.file("data"),
                                 "--init-file=" + folder_.file("init.sql"),
                                 "--socket=" + folder_.file("socket"),
                                 "--tmpdir=" + folder_.path(),
                                 "--pid-file=" + folder_.file("pid"),
                                 "--bind-address=127.0.0.1",
                                 "--port=" + std::to_string(port_),
                                 "--innodb-buffer-pool-size=64M",
                                 "--innodb-log-file-size=32M",
                                 "--innodb-flush-log-at-trx-commit=2",
                                 "--skip-name-resolve",
                                 "--event-scheduler=ON",
                                 "--performance-schema=OFF"};
  words.insert(words.end(), more_.begin(), more_.end());
  process_ = std::make_unique<ChildProcess>(with_account(std::move(words)), folder_.file("log"));
  wait_for_port(*process_, port_, folder_.file("log"));
}

void MariadbServer::kill() {
  process_->send(SIGKILL);
  static_cast<void>(process_->wait());
}

MariadbServer& shared_mariadb() {
  static MariadbServer server;
  return server;
}

}  // namespace relay::test
