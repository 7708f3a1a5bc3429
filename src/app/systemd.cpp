#include "app/systemd.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace relay {
namespace {

constexpr int kFirstSocket = 3;  // SD_LISTEN_FDS_START
constexpr int kSocketsMax = 64;

int number_in_environment(const char* name) {
  const char* text = ::getenv(name);
  int number = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), number);
  return number;
}

}  // namespace

std::vector<int> take_systemd_sockets() {
  std::vector<int> sockets;
  if (number_in_environment("LISTEN_PID") == ::getpid()) {
    const int count = std::clamp(number_in_environment("LISTEN_FDS"), 0, kSocketsMax);
    for (int i = 0; i < count; ++i) sockets.push_back(kFirstSocket + i);
  }
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  return sockets;
}

void tell_systemd(std::string_view lines) {
  const char* path = ::getenv("NOTIFY_SOCKET");
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (path == nullptr || (*path != '/' && *path != '@') || std::strlen(path) >= sizeof where.sun_path) return;
  const auto length = std::strlen(path);
  std::memcpy(where.sun_path, path, length);
  if (*path == '@') where.sun_path[0] = '\0';  // the abstract namespace
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  static_cast<void>(::sendto(descriptor, lines.data(), lines.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&where), size));
  ::close(descriptor);
}

}  // namespace relay
