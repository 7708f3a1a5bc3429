#include "net/upstream_connections.h"

#include "net/loopback.h"
#include "net/outgoing_guard.h"
#include "net/tls.h"
#include "net/open_tunnel.h"
#include "net/worker.h"

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>

namespace relay {
namespace {

using Tcp = boost::asio::ip::tcp;
using Resolver = boost::asio::ip::basic_resolver<Tcp, IoExecutor>;

// For the log, which no password of a proxy may reach.
std::string way_to(const UpstreamAddress& address) {
  auto way = address.host + ":" + address.port;
  if (address.proxy) way.append(" through ").append(address.proxy->shown());
  return way;
}

Error unreachable(const UpstreamAddress& address, const std::string& reason) {
  return Error(ErrorKind::bad_gateway, "upstream_unreachable", "The upstream provider can't be reached")
      .because(way_to(address) + ": " + reason);
}

Error too_slow(const UpstreamAddress& address) {
  return Error(ErrorKind::gateway_timeout, "upstream_connect_timeout",
               "The upstream provider did not answer in time")
      .because(way_to(address) + ": no connection in time");
}

// One limit over look-up, TCP and TLS, whatever is waited on.
class GiveUp final : public Deadline {
 public:
  GiveUp(DeadlineWheel& wheel, Resolver& resolver) : Deadline(wheel), resolver_(resolver) {}
  void on_expiry() override {
    passed = true;
    resolver_.cancel();
    if (stream) stream->close();
  }
  bool passed = false;
  std::unique_ptr<Stream> stream;  // the one being opened

 private:
  Resolver& resolver_;
};

int start_connecting(const Tcp::endpoint& endpoint) {
  const int descriptor =
      ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor < 0) return -1;
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  const auto* where = reinterpret_cast<const sockaddr*>(endpoint.data());
  spare_congestion_control(descriptor, where);
  if (::connect(descriptor, where, static_cast<socklen_t>(endpoint.size())) == 0 || errno == EINPROGRESS)
    return descriptor;
  const int failure = errno;
  ::close(descriptor);
  errno = failure;
  return -1;
}

int socket_error(int descriptor) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

bool has_peer(int descriptor) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  return ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

// 0 when the connection stands, else why not. The first event of a new stream may come for nothing.
Awaitable<int> wait_for_connection(Stream& stream) {
  while (true) {
    const bool open = co_await stream.writable();
    if (!open) co_return ETIMEDOUT;
    if (const int error = socket_error(stream.descriptor()); error != 0) co_return error;
    if (has_peer(stream.descriptor())) co_return 0;
  }
}

}  // namespace

// An idle connection closes itself when its time is up or the peer closes it.
struct UpstreamConnections::Idle final : Deadline {
  Idle(UpstreamConnections& owner_, DeadlineWheel& wheel, std::unique_ptr<Stream> stream_, Bench& bench_)
      : Deadline(wheel), owner(owner_), stream(std::move(stream_)), bench(bench_) {}
  void on_expiry() override { owner.drop(*this); }

  UpstreamConnections& owner;
  std::unique_ptr<Stream> stream;
  Bench& bench;
  Bench::iterator place;
};

std::string UpstreamAddress::make_pool_key(const std::string& host, const std::string& port, bool tls) {
  return (tls ? "https://" : "http://") + host + ":" + port;
}

void UpstreamAddress::go_through(std::shared_ptr<const UpstreamProxy> by) {
  proxy = std::move(by);
  pool_key = make_pool_key(host, port, tls);
  if (proxy) pool_key.append(" through ").append(proxy->identity());
}

void UpstreamAddress::require_public() {
  public_only = true;
  pool_key.append(" public");
}

UpstreamConnections::UpstreamConnections(Worker& worker, const TlsClient& tls, UpstreamLimits limits)
    : worker_(worker), tls_(tls), limits_(limits) {}

UpstreamConnections::~UpstreamConnections() = default;

std::unique_ptr<Stream> UpstreamConnections::take_idle(const UpstreamAddress& address) {
  const auto found = idle_.find(address.pool_key);
  if (found == idle_.end()) return nullptr;
  auto& bench = found->second;
  while (!bench.empty()) {
    auto stream = std::move(bench.front()->stream);  // the one used last is the least likely to be stale
    bench.pop_front();
    stream->unwatch();
    if (!stream->is_stale()) return stream;
  }
  return nullptr;
}

void UpstreamConnections::give_back(const UpstreamAddress& address, std::unique_ptr<Stream> stream) {
  if (!stream->is_open()) return;
  auto& bench = idle_[address.pool_key];
  if (bench.size() >= limits_.idle_per_address) return;
  stream->keep_open();
  bench.push_front(std::make_unique<Idle>(*this, worker_.wheel(), std::move(stream), bench));
  auto& idle = *bench.front();
  idle.place = bench.begin();
  idle.set(limits_.idle);
  idle.stream->watch([this, &idle] { drop(idle); });
}

void UpstreamConnections::drop(Idle& idle) {
  auto& bench = idle.bench;
  bench.erase(idle.place);
}

void UpstreamConnections::close_idle() { idle_.clear(); }

std::size_t UpstreamConnections::idle_count() const {
  std::size_t count = 0;
  for (const auto& [key, bench] : idle_) count += bench.size();
  return count;
}

Task<std::unique_ptr<Stream>> UpstreamConnections::connect(const UpstreamAddress& address) {
  Resolver resolver(worker_.executor());
  GiveUp give_up(worker_.wheel(), resolver);
  give_up.set(limits_.connect);
  const auto& host = address.proxy ? address.proxy->host() : address.host;
  const auto& port = address.proxy ? address.proxy->port() : address.port;
  auto [failed, found] = co_await resolver.async_resolve(host, port, as_result);
  if (give_up.passed) co_return too_slow(address);
  if (failed) co_return unreachable(address, failed.message());

  std::string reason = "the name has no address";
  for (auto entry = found.begin(); entry != found.end() && !give_up.passed; ++entry) {
    const auto endpoint = entry->endpoint();
    if (address.public_only && !is_public_address(*reinterpret_cast<const sockaddr*>(endpoint.data()))) {
      reason = "the address is not public: see ALLOW_PRIVATE_UPSTREAMS";
      continue;
    }
    const int descriptor = start_connecting(endpoint);
    if (descriptor < 0) {
      reason = std::strerror(errno);
      continue;
    }
    give_up.stream =
        std::make_unique<Stream>(worker_.context(), worker_.wheel(), descriptor, &worker_.turn_io());
    auto& stream = *give_up.stream;
    // An address that does not answer must leave time for the next one.
    if (std::next(entry) != found.end()) stream.close_in(limits_.connect / 2);
    if (const int error = co_await wait_for_connection(stream); error != 0) {
      reason = std::strerror(error);
      continue;
    }
    if (address.proxy) {
      reason = co_await open_tunnel(stream, *address.proxy, address.host, address.port);
      if (!reason.empty()) continue;
      // write_all() set a patience of its own; give_up has the one that counts.
      stream.keep_open();
    }
    if (address.tls) {
      auto* session = tls_.make_session(descriptor, address.host);
      if (session == nullptr) co_return unreachable(address, "TLS: out of memory");
      stream.use_tls(session);
      const bool trusted = co_await stream.handshake();
      if (!trusted) {
        reason = "TLS: " + stream.tls_failure();
        continue;
      }
    }
    stream.keep_open();
    co_return std::move(give_up.stream);
  }
  if (give_up.passed) co_return too_slow(address);
  co_return unreachable(address, reason);
}

}  // namespace relay
