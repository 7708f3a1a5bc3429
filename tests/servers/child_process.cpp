#include "servers/child_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace relay::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool listens(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  const bool connected =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return connected;
}

std::string end_of(const std::string& file) {
  std::ifstream in(file);
  const std::string all((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return all.size() > 2000 ? all.substr(all.size() - 2000) : all;
}

}  // namespace

std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    ::close(descriptor);
    throw std::runtime_error("no free port");
  }
  ::close(descriptor);
  return ntohs(address.sin_port);
}

ChildProcess::ChildProcess(std::vector<std::string> words, const std::string& log_file) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string elsewhere = "/usr/sbin/" + words.front();
  const auto parent = ::getpid();
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  id_ = ::fork();
  if (id_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::execv(elsewhere.c_str(), arguments.data());
    ::_exit(127);
  }
  ::close(log);
  if (id_ < 0) throw std::runtime_error("can't start " + words.front());
}

ChildProcess::~ChildProcess() {
  if (!is_running()) return;
  send(SIGKILL);
  static_cast<void>(wait());
}

bool ChildProcess::is_running() {
  if (reaped_) return false;
  int status = 0;
  reaped_ = ::waitpid(id_, &status, WNOHANG) != 0;
  return !reaped_;
}

void ChildProcess::send(int signal) const {
  if (!reaped_) ::kill(id_, signal);
}

int ChildProcess::wait() {
  int status = 0;
  if (!reaped_) ::waitpid(id_, &status, 0);
  reaped_ = true;
  return status;
}

void wait_for_port(ChildProcess& process, std::uint16_t port, const std::string& log_file) {
  for (int tries = 0; tries < 3000; ++tries) {
    if (listens(port)) return;
    if (!process.is_running()) throw std::runtime_error("the server has ended: " + end_of(log_file));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("the server does not listen: " + end_of(log_file));
}

}  // namespace relay::test
