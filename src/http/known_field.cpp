#include "http/known_field.h"

#include "http/field_bytes.h"

#include <array>

namespace relay {
namespace {

struct Known {
  std::string_view name;
  KnownField field;
};

constexpr std::array kKnown{
    Known{"accept-encoding", KnownField::accept_encoding},
    Known{"alt-svc", KnownField::alt_svc},
    Known{"anthropic-ratelimit-requests-limit", KnownField::anthropic_ratelimit_requests_limit},
    Known{"anthropic-ratelimit-requests-remaining", KnownField::anthropic_ratelimit_requests_remaining},
    Known{"anthropic-ratelimit-requests-reset", KnownField::anthropic_ratelimit_requests_reset},
    Known{"anthropic-ratelimit-tokens-limit", KnownField::anthropic_ratelimit_tokens_limit},
    Known{"anthropic-ratelimit-tokens-remaining", KnownField::anthropic_ratelimit_tokens_remaining},
    Known{"anthropic-ratelimit-tokens-reset", KnownField::anthropic_ratelimit_tokens_reset},
    Known{"anthropic-version", KnownField::anthropic_version},
    Known{"authorization", KnownField::authorization},
    Known{"connection", KnownField::connection},
    Known{"content-encoding", KnownField::content_encoding},
    Known{"content-length", KnownField::content_length},
    Known{"content-type", KnownField::content_type},
    Known{"cookie", KnownField::cookie},
    Known{"expect", KnownField::expect},
    Known{"forwarded", KnownField::forwarded},
    Known{"host", KnownField::host},
    Known{"keep-alive", KnownField::keep_alive},
    Known{"origin", KnownField::origin},
    Known{"proxy-authenticate", KnownField::proxy_authenticate},
    Known{"proxy-authentication-info", KnownField::proxy_authentication_info},
    Known{"proxy-authorization", KnownField::proxy_authorization},
    Known{"proxy-connection", KnownField::proxy_connection},
    Known{"request-id", KnownField::request_id},
    Known{"retry-after", KnownField::retry_after},
    Known{"set-cookie", KnownField::set_cookie},
    Known{"strict-transport-security", KnownField::strict_transport_security},
    Known{"te", KnownField::te},
    Known{"trailer", KnownField::trailer},
    Known{"transfer-encoding", KnownField::transfer_encoding},
    Known{"upgrade", KnownField::upgrade},
    Known{"user-agent", KnownField::user_agent},
    Known{"x-api-key", KnownField::x_api_key},
    Known{"x-claude-code-session-id", KnownField::x_claude_code_session_id},
    Known{"x-forwarded-for", KnownField::x_forwarded_for},
    Known{"x-forwarded-host", KnownField::x_forwarded_host},
    Known{"x-forwarded-port", KnownField::x_forwarded_port},
    Known{"x-forwarded-proto", KnownField::x_forwarded_proto},
    Known{"x-ratelimit-limit-requests", KnownField::x_ratelimit_limit_requests},
    Known{"x-ratelimit-limit-tokens", KnownField::x_ratelimit_limit_tokens},
    Known{"x-ratelimit-remaining-requests", KnownField::x_ratelimit_remaining_requests},
    Known{"x-ratelimit-remaining-tokens", KnownField::x_ratelimit_remaining_tokens},
    Known{"x-ratelimit-reset-requests", KnownField::x_ratelimit_reset_requests},
    Known{"x-ratelimit-reset-tokens", KnownField::x_ratelimit_reset_tokens},
    Known{"x-real-ip", KnownField::x_real_ip},
    Known{"x-relay-budget-spent", KnownField::x_relay_budget_spent},
    Known{"x-relay-cache", KnownField::x_relay_cache},
    Known{"x-relay-cache-ttl", KnownField::x_relay_cache_ttl},
    Known{"x-relay-request-id", KnownField::x_relay_request_id},
    Known{"x-request-id", KnownField::x_request_id},
    Known{"x-should-retry", KnownField::x_should_retry},
};
static_assert(kKnown.size() + 1 == kKnownFieldCount);

constexpr bool are_in_their_order() {
  for (std::size_t i = 0; i < kKnown.size(); ++i) {
    if (static_cast<std::size_t>(kKnown[i].field) != i + 1) return false;
  }
  return true;
}
static_assert(are_in_their_order(), "name_of() takes them by number");

// A perfect hash over length, first, middle, fourth last and last byte: one candidate per name, one
// comparison.
constexpr std::size_t kSlots = 256;

constexpr unsigned lower(char c) { return field_bytes::kTokenLower[static_cast<unsigned char>(c)]; }

constexpr std::size_t slot_of(std::string_view name) {
  const char fourth_last = name[name.size() < 4 ? 0 : name.size() - 4];
  return (name.size() * 12 + lower(name.front()) * 14 + lower(fourth_last) * 11 + lower(name.back()) * 14 +
          lower(name[name.size() / 2]) * 4) %
         kSlots;
}

constexpr auto kSlotTable = [] {
  std::array<std::uint8_t, kSlots> table{};  // 1 + index into kKnown; 0: none
  for (std::size_t i = 0; i < kKnown.size(); ++i)
    table[slot_of(kKnown[i].name)] = static_cast<std::uint8_t>(i + 1);
  return table;
}();

constexpr bool every_name_has_its_slot() {
  for (std::size_t i = 0; i < kKnown.size(); ++i) {
    if (kSlotTable[slot_of(kKnown[i].name)] != i + 1) return false;
  }
  return true;
}
static_assert(every_name_has_its_slot(), "two names share a slot: choose other factors in slot_of");

}  // namespace

KnownField known_field(std::string_view name) {
  if (name.empty()) return KnownField::other;
  const auto index = kSlotTable[slot_of(name)];
  if (index == 0) return KnownField::other;
  const Known& known = kKnown[index - 1U];
  return same_field_name(name, known.name) ? known.field : KnownField::other;
}

std::string_view name_of(KnownField field) { return kKnown[static_cast<std::size_t>(field) - 1].name; }

}  // namespace relay
