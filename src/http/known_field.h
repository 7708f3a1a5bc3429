// The header fields that the relay itself looks at, as an index: found while parsing, looked up in O(1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace relay {

enum class KnownField : std::uint8_t {
  other,  // none of those below
  accept_encoding,
  alt_svc,
  anthropic_ratelimit_requests_limit,
  anthropic_ratelimit_requests_remaining,
  anthropic_ratelimit_requests_reset,
  anthropic_ratelimit_tokens_limit,
  anthropic_ratelimit_tokens_remaining,
  anthropic_ratelimit_tokens_reset,
  anthropic_version,
  authorization,
  connection,
  content_encoding,
  content_length,
  content_type,
  cookie,
  expect,
  forwarded,
  host,
  keep_alive,
  origin,
  proxy_authenticate,
  proxy_authentication_info,
  proxy_authorization,
  proxy_connection,
  request_id,
  retry_after,
  set_cookie,
  strict_transport_security,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  user_agent,
  x_api_key,
  x_claude_code_session_id,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_proto,
  x_ratelimit_limit_requests,
  x_ratelimit_limit_tokens,
  x_ratelimit_remaining_requests,
  x_ratelimit_remaining_tokens,
  x_ratelimit_reset_requests,
  x_ratelimit_reset_tokens,
  x_real_ip,
  x_relay_budget_spent,
  x_relay_cache,
  x_relay_cache_ttl,
  x_relay_request_id,
  x_request_id,
  x_should_retry,
  count,
};

inline constexpr std::size_t kKnownFieldCount = static_cast<std::size_t>(KnownField::count);
static_assert(kKnownFieldCount <= 64, "sets of known fields are bits of one word");

/// By name without regard to case; `other` when it is none of them.
KnownField known_field(std::string_view name);
/// In lower case; not of `other`.
std::string_view name_of(KnownField field);

/// A set of known fields: bits of a word.
class KnownFieldSet {
 public:
  constexpr KnownFieldSet() = default;
  template <class... Fields>
  constexpr explicit KnownFieldSet(Fields... fields) : bits_((bit(fields) | ...)) {}
  constexpr bool contains(KnownField field) const { return (bits_ & bit(field)) != 0; }
  constexpr void insert(KnownField field) { bits_ |= bit(field); }

 private:
  static constexpr std::uint64_t bit(KnownField field) {
    return std::uint64_t{1} << static_cast<unsigned>(field);
  }
  std::uint64_t bits_ = 0;
};

}  // namespace relay
