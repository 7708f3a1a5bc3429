// Connections to upstreams, kept alive between calls. One pool per worker.
#pragma once

#include "base/result.h"
#include "net/stream.h"

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace relay {

class TlsClient;
class UpstreamProxy;
class Worker;

/// Where an upstream listens, and which way leads there.
struct UpstreamAddress {
  std::string host;  // a name or an address, without brackets
  std::string port;
  bool tls = true;
  std::string pool_key;  // equal for addresses that may share connections; make_pool_key()
  std::shared_ptr<const UpstreamProxy> proxy = nullptr;  // null: straight; go_through()

  static std::string make_pool_key(const std::string& host, const std::string& port, bool tls);
  /// From here on through this proxy; connections are shared only with those that go the same way.
  void go_through(std::shared_ptr<const UpstreamProxy> by);
  bool public_only = false;  // what is connected to, the proxy where there is one; require_public()
  /// From here on only public addresses are connected to (is_public_address), whatever the name means then.
  /// Connections are shared only with addresses of which this is asked too. After go_through().
  void require_public();
};

struct UpstreamLimits {
  std::chrono::milliseconds connect{5'000};  // look-up, TCP, a proxy's tunnel and TLS together
  std::chrono::milliseconds idle{55'000};    // providers' front doors close at 60 s and more
  std::size_t idle_per_address = 256;
};

/// A connection on loan. `reused` tells that it may have gone stale without our knowing.
struct UpstreamLoan {
  std::unique_ptr<Stream> stream;
  bool reused = false;
};

/// Used on its worker's thread only.
class UpstreamConnections {
 public:
  UpstreamConnections(Worker& worker, const TlsClient& tls, UpstreamLimits limits);
  ~UpstreamConnections();

  /// An idle connection that is seen to be alive, without waiting; null when there is none.
  std::unique_ptr<Stream> take_idle(const UpstreamAddress& address);

  /// A new connection. bad_gateway when it can't be made (with the reason as cause), gateway_timeout
  /// when it takes longer than limits.connect. `address` must live until it returns.
  Task<std::unique_ptr<Stream>> connect(const UpstreamAddress& address);

  /// After a whole answer: the stream is at the start of a message and unwatched.
  void give_back(const UpstreamAddress& address, std::unique_ptr<Stream> stream);

  void close_idle();
  std::size_t idle_count() const;

 private:
  struct Idle;
  using Bench = std::list<std::unique_ptr<Idle>>;

  void drop(Idle& idle);

  Worker& worker_;
  const TlsClient& tls_;
  const UpstreamLimits limits_;
  std::unordered_map<std::string, Bench> idle_;
};

}  // namespace relay
