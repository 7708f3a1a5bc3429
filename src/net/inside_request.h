// A request that the relay makes of itself: it is served as any client's, and whoever made it reads the
// answer.
#pragma once

#include "net/server_exchange.h"

#include <memory>
#include <string_view>

namespace relay {

/// What stands between the two sides is a pair of sockets, so that all is as with a client of HTTP: who reads
/// slowly slows the answer down, who closes answer() has left. On its worker's thread. Must live until who
/// serves exchange() has come back.
class InsideRequest {
 public:
  /// `head` is a whole head with the length of `body` in it. `peer_address` must outlive the request.
  /// unavailable when there are no descriptors; internal for a head that no client could send.
  static Result<std::unique_ptr<InsideRequest>> make(Worker& worker, const ServerLimits& limits,
                                                     std::string_view peer_address, std::string_view head,
                                                     std::string_view body);
  ~InsideRequest();
  InsideRequest(const InsideRequest&) = delete;
  InsideRequest& operator=(const InsideRequest&) = delete;

  ServerExchange& exchange() { return exchange_; }
  /// Behind the end of exchange()'s answer: whoever reads sees the end too.
  void served();
  /// Where the answer can be read: a head and a body, as they stand on the wire.
  Stream& answer() { return answer_; }

 private:
  InsideRequest(Worker& worker, const ServerLimits& limits, const int (&ends)[2]);

  Worker& worker_;
  Stream server_;
  Stream answer_;
  InputBuffer input_;
  ServerExchange exchange_;
};

}  // namespace relay
