#include "app/handover.h"

#include "app/settings.h"
#include "app/systemd.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace relay {
namespace {

// "<sockets> <port> <host>": descriptor 3 is the way back, 4 the lock of DATA_DIR, the sockets stand from 5
// on.
constexpr const char* kVariable = "CLAUDE_RELAY_HANDOVER";
constexpr int kFirst = 3;
constexpr int kBeforeSockets = 2;
constexpr int kSocketsMax = 1024;
constexpr int kTriesToEnd = 100;  // of 10 ms

[[noreturn]] void refuse(const std::string& words) { throw std::runtime_error(words); }

bool listens(int descriptor) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0;
}

bool make_own(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags >= 0 && ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 &&
         ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0;
}

std::vector<std::string> own_command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\0', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// As it was named, so that a link that leads to a newer one by now is followed anew.
std::string program_of(const std::vector<std::string>& command_line) {
  if (!command_line.empty() && command_line.front().find('/') != std::string::npos)
    return command_line.front();
  std::array<char, 4096> path;
  const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "";
}

std::vector<std::string> environment_with(const std::string& more) {
  std::vector<std::string> lines;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with(std::string(kVariable) + "=")) lines.emplace_back(*entry);
  }
  lines.push_back(more);
  return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

OwnDescriptor lock_folder(const std::string& data_dir) {
  const auto path = data_dir + "/serve.lock";
  OwnDescriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open()) refuse(path + ": " + std::strerror(errno));
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) refuse(path + ": " + std::strerror(errno));
  refuse("another server runs with this DATA_DIR (" + data_dir +
         "). To put a new one in its place send it SIGUSR2; a second node wants a folder of its own");
}

struct SpawnAttributes {
  SpawnAttributes() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnAttributes() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

Error not_started(int error) {
  return Error(ErrorKind::unavailable, "successor_not_started", "The next server can't be started")
      .because(std::strerror(error));
}

}  // namespace

OwnDescriptor::OwnDescriptor(OwnDescriptor&& other) noexcept : number_(other.release()) {}

OwnDescriptor& OwnDescriptor::operator=(OwnDescriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

int OwnDescriptor::release() { return std::exchange(number_, -1); }

void OwnDescriptor::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Handover::Handover(const Settings& settings)
    : command_line_(own_command_line()), program_(program_of(command_line_)) {
  const char* given = ::getenv(kVariable);
  const std::string what = given == nullptr ? "" : given;
  ::unsetenv(kVariable);
  if (!what.empty()) {
    take_from_server(what, settings);
    return;
  }
  listeners_ = take_systemd_sockets();
  for (const int descriptor : listeners_) {
    if (!listens(descriptor) || !make_own(descriptor)) refuse("systemd gave a socket that does not listen");
  }
  folder_lock_ = lock_folder(settings.data_dir);
}

Handover::~Handover() {
  for (const int descriptor : listeners_) ::close(descriptor);
}

void Handover::take_from_server(std::string_view what, const Settings& settings) {
  int sockets = 0;
  std::uint16_t port = 0;
  const auto* end = what.data() + what.size();
  const auto [after_sockets, wrong_sockets] = std::from_chars(what.data(), end, sockets);
  const auto [after_port, wrong_port] = std::from_chars(std::min(after_sockets + 1, end), end, port);
  if (wrong_sockets != std::errc() || wrong_port != std::errc() || sockets < 0 || sockets > kSocketsMax)
    refuse(std::string(kVariable) + " is not for people to set");
  const std::string_view host(std::min(after_port + 1, end), end);

  predecessor_ = OwnDescriptor(kFirst);
  folder_lock_ = OwnDescriptor(kFirst + 1);
  if (!make_own(kFirst) || ::fcntl(kFirst + 1, F_SETFD, FD_CLOEXEC) != 0)
    refuse("the server before this one gave descriptors that are not open");
  const bool same_place = host == settings.host && port == settings.port;
  for (int i = 0; i < sockets; ++i) {
    const int descriptor = kFirst + kBeforeSockets + i;
    if (!listens(descriptor) || !make_own(descriptor))
      refuse("the server before this one gave a socket that does not listen");
    if (same_place) {
      listeners_.push_back(descriptor);
    } else {
      ::close(descriptor);
    }
  }
}

std::vector<int> Handover::take_listeners() { return std::exchange(listeners_, {}); }

void Handover::tell_ready() {
  if (predecessor_.is_open()) {
    static_cast<void>(::send(predecessor_.number(), kReady.data(), kReady.size(), MSG_NOSIGNAL));
    predecessor_.close();
    return;  // it tells systemd, whose main process it still is
  }
  tell_systemd("READY=1");
}

void Handover::tell_failed(std::string_view why) {
  if (!predecessor_.is_open()) return;
  const auto words = std::string(kFailed) + std::string(why.substr(0, 2000)) + "\n";
  static_cast<void>(::send(predecessor_.number(), words.data(), words.size(), MSG_NOSIGNAL));
  predecessor_.close();
}

Result<pid_t> Handover::start_successor(const HandedOver& given, OwnDescriptor& said) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return not_started(errno);
  OwnDescriptor ours(ends[0]);
  OwnDescriptor theirs(ends[1]);

  std::vector<int> sources{theirs.number(), folder_lock_.number()};
  sources.insert(sources.end(), given.listeners.begin(), given.listeners.end());
  const int after = kFirst + static_cast<int>(sources.size());
  SpawnAttributes spawn;
  std::vector<OwnDescriptor> copies;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    // Copies above the places where they land: none is overwritten before its turn.
    copies.emplace_back(::fcntl(sources[i], F_DUPFD_CLOEXEC, after));
    if (!copies.back().is_open()) return not_started(errno);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, copies.back().number(), kFirst + static_cast<int>(i));
  }
  ::posix_spawn_file_actions_addclosefrom_np(&spawn.actions, after);

  auto environment = environment_with(std::string(kVariable) + "=" + std::to_string(given.listeners.size()) +
                                      " " + std::to_string(given.port) + " " + given.host);
  auto words = command_line_;
  const auto arguments = pointers_to(words);
  const auto variables = pointers_to(environment);
  pid_t successor = 0;
  const int failure = ::posix_spawn(&successor, program_.c_str(), &spawn.actions, &spawn.attributes,
                                    arguments.data(), variables.data());
  if (failure != 0) return not_started(failure);
  said = std::move(ours);
  return successor;
}

void Handover::successor_serves(pid_t successor) {
  has_handed_over_ = true;
  folder_lock_.close();
  tell_systemd("MAINPID=" + std::to_string(successor) + "\nREADY=1");
}

std::string Handover::end_successor(pid_t successor) {
  int status = 0;
  pid_t ended = 0;
  const timespec moment{.tv_sec = 0, .tv_nsec = 10'000'000};
  for (int tries = 0; tries < kTriesToEnd && ended == 0; ++tries) {
    ended = ::waitpid(successor, &status, WNOHANG);
    if (ended == 0) ::nanosleep(&moment, nullptr);
  }
  if (ended == 0) {
    ::kill(successor, SIGKILL);
    do {
      ended = ::waitpid(successor, &status, 0);
    } while (ended < 0 && errno == EINTR);
  }
  if (ended > 0 && WIFEXITED(status)) return "exit code " + std::to_string(WEXITSTATUS(status));
  if (ended > 0 && WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "an unknown end";
}

void Handover::tell_stopping() {
  if (!has_handed_over_) tell_systemd("STOPPING=1");
}

}  // namespace relay
