#pragma once

#include "async/blocking_pool.h"
#include "fetch/http_fetch.h"

#include <chrono>
#include <cstddef>
#include <string>

namespace relay {

/// Through libcurl, one handle a call, on a pool's thread. TLS 1.2 or newer with the system's authorities;
/// no redirects, no proxy, no other protocol than https.
class CurlFetch final : public HttpFetch {
 public:
  struct Settings {
    /// Also http, and addresses that are not public. Else the address that is connected to is looked at,
    /// whatever its name resolved to before (OWASP API7).
    bool allow_private = false;
    std::string ca_file{};  // PEM, beside the system's authorities; empty: those alone
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds timeout{10'000};  // the whole call
    std::size_t body_bytes_max = 256 * 1024;
  };

  /// `pool` must outlive it, and be stopped before the io_contexts go.
  CurlFetch(BlockingPool& pool, Settings settings);

  Task<FetchedAnswer> fetch(FetchRequest request) override;

 private:
  Result<FetchedAnswer> perform(const FetchRequest& request) const;

  BlockingPool& pool_;
  Settings settings_;
};

}  // namespace relay
