#include "simulate/listener.h"

#include "net/worker.h"

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace relay::simulate {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAcceptsPerTurn = 64;

int open_listener(const Listener::Address& address) {
  const auto& [host, port, shared] = address;
  const auto refuse = [&](int error) {
    throw std::system_error(error, std::generic_category(),
                            "cannot listen on " + host + ":" + std::to_string(port));
  };
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &where.sin_addr) != 1) refuse(EINVAL);
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor < 0) refuse(errno);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      ::listen(descriptor, kBacklog) != 0) {
    const int error = errno;
    ::close(descriptor);
    refuse(error);
  }
  return descriptor;
}

}  // namespace

Listener::Listener(Parts parts, const Address& address)
    : parts_(parts),
      provider_(parts.state, parts.clock, parts.number),
      descriptor_(open_listener(address)),
      rest_(parts.worker.wheel(), *this) {}

Listener::~Listener() { close(); }

std::uint16_t Listener::port() const {
  sockaddr_in where{};
  socklen_t size = sizeof where;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&where), &size);
  return ntohs(where.sin_port);
}

void Listener::start() {
  readiness_ = std::make_unique<Readiness>(parts_.worker.context(), descriptor_, *this);
  readiness_->arm_read();
}

void Listener::close() {
  rest_.clear();
  if (readiness_) readiness_->release();
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void Listener::stop() {
  stopping_ = true;
  close();
  if (connections_.empty()) return parts_.worker.context().stop();
  for (auto* connection : connections_) connection->abandon();
}

void Listener::accept_all() {
  for (int taken = 0; descriptor_ >= 0; ++taken) {
    // The others of this thread are served between two handfuls; the edge is spent, so come back by timer.
    if (taken == kAcceptsPerTurn) return rest_.set(std::chrono::milliseconds(0));
    const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      const int on = 1;
      ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      boost::asio::co_spawn(parts_.worker.executor(), run(accepted), boost::asio::detached);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno != EAGAIN) return rest_.set(std::chrono::milliseconds(100));
    return readiness_->arm_read();
  }
}

Awaitable<void> Listener::run(int descriptor) {
  {
    Connection connection({.worker = parts_.worker,
                           .state = parts_.state,
                           .provider = provider_,
                           .clock = parts_.clock,
                           .tls = parts_.tls,
                           .open = connections_},
                          descriptor);
    static_cast<void>(co_await connection.serve());
  }
  if (stopping_ && connections_.empty()) parts_.worker.context().stop();
}

}  // namespace relay::simulate
