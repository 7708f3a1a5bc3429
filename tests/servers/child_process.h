// A server that a test starts for itself: on a free port of the loopback, dead with the test.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace relay::test {

/// A port that nobody listened on a moment ago.
std::uint16_t free_port();

/// Starts `words` (the first is looked for in PATH, then in /usr/sbin), output to `log_file`. The kernel
/// kills it when this process dies. Throws std::runtime_error when it can't be started.
class ChildProcess {
 public:
  ChildProcess(std::vector<std::string> words, const std::string& log_file);
  ~ChildProcess();  // SIGKILL
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t id() const { return id_; }
  bool is_running();
  void send(int signal) const;
  /// Waits for its end; the exit status as waitpid has it.
  int wait();

 private:
  pid_t id_ = -1;
  bool reaped_ = false;
};

/// Tries until something listens on 127.0.0.1:port or the process has ended or 30 s have passed. Throws then,
/// with the end of the log.
void wait_for_port(ChildProcess& process, std::uint16_t port, const std::string& log_file);

}  // namespace relay::test
