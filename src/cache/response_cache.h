// Where answers are kept for calls that are the same. Implementation: cache/memory_response_cache.h.
#pragma once

#include "base/clock.h"
#include "crypto/sha256.h"
#include "domain/usage.h"
#include "http/message.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace relay {

/// Of all that an answer depends on, the person included: see relay/answer_key.h.
using CacheKey = Sha256Digest;

/// A whole answer of status 200, as its client got it. Never changed once kept.
struct KeptAnswer {
  std::vector<Header> headers;  // content-type, content-encoding, the provider's id of the request
  std::string body;             // in its content coding, without chunk framing
  bool is_event_stream = false;
  Usage usage;  // as it reported when it was made
  BillingMode mode;
  std::string model;       // as the answer names it
  std::string message_id;  // the id inside the answer; may be empty
};

struct FoundAnswer {
  std::shared_ptr<const KeptAnswer> answer;  // null: there is none
  std::chrono::milliseconds age{0};
};

struct CacheFigures {
  std::size_t entries = 0;
  std::size_t bytes = 0;
};

/// Thread-safe; never waits for anything but a short lock.
class ResponseCache {
 public:
  virtual ~ResponseCache() = default;

  /// One whose age is below `ttl` and below the one it was kept with.
  virtual FoundAnswer find(const CacheKey& key, std::chrono::milliseconds ttl) = 0;
  /// In the place of what is there. One that is too large is not kept.
  virtual void keep(const CacheKey& key, KeptAnswer answer, std::chrono::milliseconds ttl) = 0;

  /// Of a body, at most.
  virtual std::size_t body_bytes_max() const = 0;
  /// Where neither the key nor the call says how long.
  virtual std::chrono::milliseconds default_ttl() const = 0;
  virtual CacheFigures figures() const = 0;
};

}  // namespace relay
