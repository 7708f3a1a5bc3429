// What an answer says about its account, and how long the account is left alone for it.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "domain/provider.h"
#include "http/head.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace relay {

enum class RestReason : std::uint8_t {
  rate_limited,   // 429: until the provider's own time
  overloaded,     // 529, 503: short, growing
  server_errors,  // other 5xx and answers that never came or can't be read, several in a short time
  forbidden,      // 403: of one model family
  unauthorized,   // 401: the credential is wrong
  billing,        // 402, or a quota or a credit that is used up
  unreachable,    // no connection, no TLS
  timed_out,      // no answer's head within the first-byte deadline
};
/// "rate_limited", …; and back, for news from other nodes.
std::string_view to_string(RestReason reason);
std::optional<RestReason> parse_rest_reason(std::string_view word);

/// What one attempt has shown. Only authoritative signs are one: nothing that a client's request may be to
/// blame for (400, but for one sentence; 404, 413, 422), no client that left, nothing the relay itself
/// refused.
struct AttemptSign {
  enum class Kind : std::uint8_t { none, success, failure };
  Kind kind = Kind::none;
  RestReason reason = RestReason::server_errors;
  /// As the provider says; nothing where it says nothing.
  std::optional<std::chrono::milliseconds> wait{};

  static AttemptSign none() { return {}; }
  static AttemptSign success() { return {.kind = Kind::success}; }
  static AttemptSign failure(RestReason reason) { return {.kind = Kind::failure, .reason = reason}; }
  bool failed() const { return kind == Kind::failure; }
};

/// Of a whole head: status, Retry-After (seconds or a date), retry-after-ms, anthropic-ratelimit-*-reset,
/// x-ratelimit-reset-*.
AttemptSign sign_of(const ParsedHead& head, WallTime now);
/// Of an error in a body or an event: the provider's word for it (its type or its code). It sharpens what
/// `sign` said: a quota that is used up is a 429, too.
AttemptSign sharpened(AttemptSign sign, std::string_view error_word);

/// Whether an answer with this status may be about the account though the status blames the request.
constexpr bool may_hide_billing(Provider provider, int status) {
  return provider == Provider::anthropic && status == 400;
}
/// Of the error in such an answer: that the account has no credit left, in the provider's own sentence; every
/// other is the client's.
AttemptSign sign_of_bad_request(std::string_view error_type, std::string_view message);

/// Whether the whole account rests, or one model family of it.
bool is_of_account(RestReason reason);

/// How long, after `failures` (from 1 on) in a row: what the provider said, held between 1 s and an hour and
/// then up to a tenth more; else the reason's own time, twice as long with each failure up to its most, and
/// up to a fifth more or less. Jitter: those who wait must not come back at once.
std::chrono::milliseconds rest_time(const AttemptSign& sign, int failures, Random& random);

/// So many other 5xx within kServerErrorsWithin make a rest; fewer are bad luck.
inline constexpr int kServerErrorsMin = 3;
inline constexpr std::chrono::seconds kServerErrorsWithin{30};

}  // namespace relay
