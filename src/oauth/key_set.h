// An issuer's public keys (JWKS, RFC 7517), kept for a while and fetched anew when they rotate.
#pragma once

#include "base/clock.h"
#include "fetch/http_fetch.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace relay {

/// At most 50 keys of at most 8 KB. Kept for an hour; a token of an unknown key, or with a signature that
/// none of the kept keys made, has them fetched anew, but no more often than once a minute: else strangers
/// could make us call the issuer as often as they like. Thread-safe.
class KeySet {
 public:
  /// Both must outlive it.
  KeySet(HttpFetch& http, const Clock& clock) : http_(http), clock_(clock) {}

  /// The payload of a token that a key at `url` has signed. unauthorized "oauth_failed"; unavailable when
  /// keys are needed and the issuer does not answer.
  Task<std::string> verify(std::string token, std::string url);

 private:
  struct Key {
    std::string id;
    std::string text;  // JSON
  };
  struct Keys {
    std::vector<Key> all;
    SteadyTime fetched_at;
  };
  using Snapshot = std::shared_ptr<const Keys>;

  Task<Snapshot> fetch(std::string url);
  static Result<std::string> try_keys(const std::string& token, const Keys& keys);

  HttpFetch& http_;
  const Clock& clock_;
  std::mutex mutex_;
  Snapshot keys_;  // null until fetched
};

}  // namespace relay
