// TLS without a socket: bytes in, bytes out. For a connection that reads and writes at the same time, in
// gathered writes; Stream (net/stream.h) has one waiter at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct ssl_st;

namespace relay {

class TlsClient;

/// The client's side of one session. Used by one thread at a time. A failure is for good.
class TlsBytes {
 public:
  /// Accepts only a certificate for `host` (a name or an address). The hello is in outgoing() at once. Throws
  /// std::bad_alloc.
  TlsBytes(const TlsClient& client, const std::string& host);
  ~TlsBytes();
  TlsBytes(const TlsBytes&) = delete;
  TlsBytes& operator=(const TlsBytes&) = delete;

  /// Takes what the peer sent and appends what it says to `plain`. False: failed, or ended by the peer; see
  /// failure().
  bool take(std::string_view received, std::string& plain);
  /// Only when established. False: failed.
  bool put(std::string_view plain);
  bool is_established() const;
  /// What is to be sent to the peer; whoever sends it takes it out.
  std::string& outgoing() { return outgoing_; }
  /// Words for the log.
  const std::string& failure() const { return failure_; }

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };

  bool read_plain(std::string& plain);
  void collect();
  bool fail(int result);

  std::unique_ptr<ssl_st, Free> session_;
  std::string outgoing_;
  std::string failure_;
};

}  // namespace relay
