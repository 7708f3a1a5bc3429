// TLS settings, made once at start-up: what we trust, and who we are. Making either ignores SIGPIPE.
#pragma once

#include "base/result.h"

#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace relay {

/// For calls to upstreams: TLS 1.2 or newer, the peer's chain and host name verified. Thread-safe.
class TlsClient {
 public:
  /// Trusts the system's authorities, and those in `ca_file` (PEM) when it is not empty. Throws
  /// std::runtime_error with words for the operator: start-up only.
  explicit TlsClient(const std::string& ca_file);
  ~TlsClient();

  /// A session on `descriptor` that will accept only a certificate for `host` (a name or an address).
  /// The caller (Stream) owns it. Null when memory is out.
  ssl_st* make_session(int descriptor, const std::string& host) const;

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

/// For our own port. Thread-safe.
class TlsServer {
 public:
  /// PEM files: the certificate with its chain, and its key. Throws std::runtime_error.
  TlsServer(const std::string& certificate_file, const std::string& key_file);
  ~TlsServer();

  ssl_st* make_session(int descriptor) const;

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace relay
