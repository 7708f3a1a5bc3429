#include "net/http_server.h"

#include "http/error_answer.h"
#include "net/loopback.h"
#include "net/server_connection.h"
#include "net/tls.h"
#include "observe/log.h"

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace relay {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAcceptsPerTurn = 64;
// The kernel takes no more than this beyond what a client lets it send. Else a client of 1 KB/s would have
// megabytes of its answer in a buffer here, and the upstream would not feel that it is slow.
constexpr int kUnsentBytesMax = 128 * 1024;
constexpr std::chrono::milliseconds kRestFromAccepting{100};
constexpr std::chrono::minutes kSaidLately{1};
constexpr std::chrono::milliseconds kFirstRequestWhileDraining{1'000};
constexpr std::chrono::milliseconds kNextRequestBesideSuccessor{5'000};
// As long as nginx reads on for a client that was refused (lingering_time, lingering_timeout).
constexpr std::chrono::seconds kLingerTime{30};
constexpr std::chrono::seconds kLingerSilence{5};
constexpr std::size_t kLingerBytesMin = 1024 * 1024;

[[noreturn]] void refuse(const ListenAddress& address, int error) {
  throw std::system_error(error, std::generic_category(),
                          "cannot listen on " + address.host + ":" + std::to_string(address.port));
}

int open_listener(const ListenAddress& address) {
  sockaddr_storage where{};
  socklen_t size = 0;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&where);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&where);
  if (::inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    size = sizeof *v6;
  } else {
    refuse(address, EINVAL);
  }
  const int descriptor = ::socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor < 0) refuse(address, errno);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&where), size) != 0 ||
      ::listen(descriptor, kBacklog) != 0) {
    const int error = errno;
    ::close(descriptor);
    refuse(address, error);
  }
  return descriptor;
}

std::string address_text(const sockaddr_storage& peer) {
  char text[INET6_ADDRSTRLEN] = "";
  if (peer.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, text, sizeof text);
  } else {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr, text, sizeof text);
  }
  return text;
}

// Closes a stream whatever still comes on it.
struct Patience final : Deadline {
  Patience(DeadlineWheel& wheel, Stream& stream_) : Deadline(wheel), stream(stream_) {}
  void on_expiry() override { stream.close(); }
  Stream& stream;
};

}  // namespace

struct HttpServerState final : std::enable_shared_from_this<HttpServerState> {
  // From accept to the end of its coroutine. Counted here, since the coroutine begins a turn later.
  struct Open {
    explicit Open(std::shared_ptr<HttpServerState> state_) : state(std::move(state_)) { ++state->open; }
    Open(Open&& other) noexcept = default;
    Open& operator=(Open&&) = delete;
    ~Open() {
      if (state) --state->open;
    }
    std::shared_ptr<HttpServerState> state;
  };

  // One socket that listens.
  struct Listener final : ReadinessEvents {
    Listener(HttpServerState& owner_, int descriptor_)
        : owner(owner_), descriptor(descriptor_), rest(owner.parts.worker.wheel(), *this) {
      // What is accepted has it from its listener.
      ::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytesMax, sizeof kUnsentBytesMax);
    }
    ~Listener() override { stop(); }

    // When descriptors run out, accepting rests a moment: the listener stays readable and would spin.
    struct Rest final : Deadline {
      Rest(DeadlineWheel& wheel, Listener& listener_) : Deadline(wheel), listener(listener_) {}
      void on_expiry() override { listener.accept_all(); }
      Listener& listener;
    };

    void start() {
      readiness = std::make_unique<Readiness>(owner.parts.worker.context(), descriptor, *this);
      readiness->arm_read();
    }
    void stop() {
      rest.clear();
      if (readiness) readiness->release(true);
      if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
    }

    void on_readable() override { accept_all(); }
    void on_writable() override {}
    void on_abandoned() override {}

    void accept_all() {
      for (int taken = 0; descriptor >= 0; ++taken) {
        sockaddr_storage peer{};
        const int accepted = accept_one(peer);
        if (accepted >= 0) {
          owner.begin(accepted, peer);
          if (taken + 1 >= kAcceptsPerTurn) return accept_later();
          continue;
        }
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno == EAGAIN) return readiness->arm_read();
        owner.complain(errno);
        return rest.set(kRestFromAccepting);
      }
    }

    // The others of this core are served between two handfuls. The edge is spent: nobody else calls again.
    void accept_later() {
      boost::asio::post(owner.parts.worker.executor(),
                        [self = owner.shared_from_this(), this] { accept_all(); });
    }

    // Who is in the listener's queue has been promised a connection: closing it would reset them.
    void accept_last() {
      for (int taken = 0; descriptor >= 0 && taken < kBacklog; ++taken) {
        sockaddr_storage peer{};
        const int accepted = accept_one(peer);
        if (accepted < 0 && errno != EINTR && errno != ECONNABORTED) return;
        if (accepted >= 0) owner.begin(accepted, peer);
      }
    }

    int accept_one(sockaddr_storage& peer) const {
      socklen_t size = sizeof peer;
      return ::accept4(descriptor, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }

    HttpServerState& owner;
    int descriptor;
    std::unique_ptr<Readiness> readiness;
    Rest rest;
  };

  // Set while what it stands for has been said lately.
  struct SaidLately final : Deadline {
    using Deadline::Deadline;
    void on_expiry() override {}
  };

  HttpServerState(HttpServer::Parts given, const ListenAddress& address)
      : parts(std::move(given)), said_lately(parts.worker.wheel()) {
    if (parts.listeners.empty()) parts.listeners.push_back(open_listener(address));
    for (const int descriptor : parts.listeners)
      listeners.push_back(std::make_unique<Listener>(*this, descriptor));
  }

  void start() {
    for (auto& listener : listeners) listener->start();
  }

  // Once a minute, not ten times a second.
  void complain(int error) {
    if (said_lately.is_set()) return;
    said_lately.set(kSaidLately);
    log_error("net", "no more connections can be accepted; those that wait are taken when it is over",
              {{"reason", std::string_view(std::strerror(error))}, {"open", open}});
  }

  void begin(int accepted, const sockaddr_storage& peer) {
    if (open >= parts.connections_max) {
      ::close(accepted);
      return;
    }
    const int on = 1;
    ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    spare_congestion_control(accepted, reinterpret_cast<const sockaddr*>(&peer));
    boost::asio::co_spawn(parts.worker.executor(),
                          run(Open(shared_from_this()), accepted, address_text(peer)), boost::asio::detached);
  }

  static Awaitable<void> run(Open open, int accepted, std::string peer) {
    ServerConnection connection(*open.state, accepted, std::move(peer));
    co_return co_await connection.serve();
  }

  HttpServer::Parts parts;
  std::vector<std::unique_ptr<Listener>> listeners;
  SaidLately said_lately;
  bool draining = false;
  bool has_successor = false;
  std::size_t open = 0;
  ServerConnection::List connections;
};

ServerConnection::ServerConnection(HttpServerState& server, int descriptor, std::string peer)
    : server_(server),
      peer_(std::move(peer)),
      stream_(server.parts.worker.context(), server.parts.worker.wheel(), descriptor,
              &server.parts.worker.turn_io()),
      reader_(server.parts.limits.head) {
  place_ = server_.connections.insert(server_.connections.end(), this);
}

ServerConnection::~ServerConnection() {
  input_.give_to(server_.parts.worker);
  server_.connections.erase(place_);
}

void ServerConnection::drain() {
  if (serving_ != nullptr) return serving_->drain();
  if (!idle_ || stream_.has_input()) return;
  if (!served_any_) return stream_.close_in(first_request_timeout());
  if (!server_.has_successor) return stream_.close();
  stream_.close_in(next_request_timeout());
}

// Also for one that was accepted in the turn in which draining began, and waits only now.
std::chrono::milliseconds ServerConnection::first_request_timeout() const {
  const auto timeout = server_.parts.limits.head_timeout;
  return server_.draining ? std::min(timeout, kFirstRequestWhileDraining) : timeout;
}

std::chrono::milliseconds ServerConnection::next_request_timeout() const {
  const auto timeout = server_.parts.limits.idle_timeout;
  return server_.draining ? std::min(timeout, kNextRequestBesideSuccessor) : timeout;
}

Awaitable<void> ServerConnection::serve() {
  if (server_.parts.tls != nullptr) {
    auto* session = server_.parts.tls->make_session(stream_.descriptor());
    if (session == nullptr) co_return;
    stream_.use_tls(session);
    stream_.close_in(server_.parts.limits.head_timeout);
    const bool secured = co_await stream_.handshake();
    if (!secured) co_return;
  }
  bool keep_alive = true;
  while (keep_alive && stream_.is_open()) {
    const bool arrived = co_await read_head();
    if (!arrived) co_return;
    keep_alive = co_await serve_one();
  }
}

Awaitable<bool> ServerConnection::read_head() {
  const auto& limits = server_.parts.limits;
  bool begun = false;
  while (true) {
    if (!input_.unread().empty()) {
      const auto state = reader_.read_request(input_.unread(), input_.head());
      if (state == HeadState::complete) {
        input_.use(input_.head().head_bytes());
        reader_.reset();
        stream_.keep_open();
        co_return true;
      }
      if (state == HeadState::refused) {
        const bool answered = co_await refuse_head();
        co_return answered;
      }
      if (!std::exchange(begun, true)) stream_.close_in(limits.head_timeout);
      if (input_.room().empty()) input_.grow(RequestBuffer::kBytes);
    } else {
      if (server_.draining && !server_.has_successor && served_any_) co_return false;
      stream_.close_in(served_any_ ? next_request_timeout() : first_request_timeout());
    }
    if (!stream_.may_be_readable()) {
      idle_ = input_.unread().empty();
      // An idle connection holds no buffer.
      if (idle_) input_.give_to(server_.parts.worker);
      static_cast<void>(co_await stream_.next_edge());
      idle_ = false;
      if (!stream_.is_open()) co_return false;
    }
    input_.take_from(server_.parts.worker);
    const auto outcome = stream_.try_read(input_.room());
    input_.added(outcome.bytes);
    if (outcome.status == ReadOutcome::Status::end || outcome.status == ReadOutcome::Status::failed)
      co_return false;
  }
}

// Whoever sent this may be smuggling: it is told why, and not one byte more of it is read as a request.
Awaitable<bool> ServerConnection::refuse_head() {
  ServerExchange exchange(server_.parts.worker, stream_, input_, server_.parts.limits);
  exchange.refused_ = true;
  auto answer = error_answer(refused_head(reader_.fault()), ErrorShape::client_api, "");
  const bool taken = co_await exchange.answer(std::move(answer));
  if (taken) static_cast<void>(co_await linger());
  co_return false;
}

Awaitable<bool> ServerConnection::serve_one() {
  served_any_ = true;
  ServerExchange exchange(server_.parts.worker, stream_, input_, server_.parts.limits);
  exchange.peer_address_ = peer_;
  exchange.keep_alive_ = input_.head().keep_alive() && !server_.draining;
  exchange.draining_ = server_.draining;
  serving_ = &exchange;
  static_cast<void>(co_await server_.parts.serve(exchange));
  serving_ = nullptr;
  stream_.unwatch();
  const bool input_left = !exchange.released_ && !exchange.has_whole_body();
  exchange.release_request();
  if (!stream_.is_open()) co_return false;
  // What was told that it may ask once more asks while we drain.
  if (exchange.keeps_alive() && (!server_.draining || server_.has_successor)) co_return true;
  // Bytes of a next request that nobody will read would reset the connection as well.
  if (input_left || stream_.has_input()) static_cast<void>(co_await linger());
  co_return false;
}

// RFC 9112 9.6: closing with unread input resets the connection, and a client that is still sending its body
// never sees the answer. So what comes is thrown away: as much as any client of ours would send, within
// bounds.
Awaitable<void> ServerConnection::linger() {
  const auto discard_max = 4 * std::max(server_.parts.limits.body_bytes, kLingerBytesMin);
  Patience patience(server_.parts.worker.wheel(), stream_);
  patience.set(kLingerTime);
  stream_.shut_sending();
  std::size_t discarded = 0;
  while (discarded < discard_max) {
    const auto outcome = stream_.try_read(server_.parts.worker.scratch());
    discarded += outcome.bytes;
    if (outcome.status == ReadOutcome::Status::data) continue;
    if (outcome.status != ReadOutcome::Status::would_block) co_return;
    stream_.close_in(kLingerSilence);
    const bool open = co_await stream_.readable();
    if (!open) co_return;
  }
}

HttpServer::HttpServer(Parts parts, const ListenAddress& address)
    : state_(std::make_shared<HttpServerState>(std::move(parts), address)) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
  sockaddr_storage where{};
  socklen_t size = sizeof where;
  ::getsockname(state_->listeners.front()->descriptor, reinterpret_cast<sockaddr*>(&where), &size);
  return ntohs(where.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(where).sin_port
                                          : reinterpret_cast<sockaddr_in6&>(where).sin6_port);
}

void HttpServer::start() { state_->start(); }

std::vector<int> HttpServer::listeners() const {
  std::vector<int> descriptors;
  for (const auto& listener : state_->listeners) descriptors.push_back(listener->descriptor);
  return descriptors;
}

void HttpServer::drain(DrainFor reason) {
  state_->draining = true;
  state_->has_successor = reason == DrainFor::successor;
  for (auto& listener : state_->listeners) {
    listener->accept_last();
    listener->stop();
  }
  for (auto* connection : state_->connections) connection->drain();
}

std::size_t HttpServer::open_connections() const { return state_->open; }

void HttpServer::close_all() {
  for (auto* connection : state_->connections) connection->close();
}

}  // namespace relay
