#include "relay/key_snapshot.h"
#include "relay/phases.h"

#include "http/field_bytes.h"

namespace relay {
namespace {

constexpr std::string_view kBearer = "bearer ";

Error no_key() {
  return Error(ErrorKind::unauthorized, "api_key_missing",
               "An API key is required: send it in x-api-key or as Authorization: Bearer");
}

Error two_keys() {
  return Error(ErrorKind::unauthorized, "api_key_repeated",
               "The API key was sent more than once in one header");
}

std::string_view bearer_of(const ParsedHead& head) {
  const auto authorization = head.value(KnownField::authorization);
  if (authorization.size() <= kBearer.size()) return {};
  if (!same_field_name(authorization.substr(0, kBearer.size() - 1), kBearer.substr(0, kBearer.size() - 1)))
    return {};
  return trimmed(authorization.substr(kBearer.size() - 1));
}

// Clients send the key in one header or the other, or another account's leftovers in one of them: the
// one that is a key of ours counts.
Result<ApiKeySecret> secret_of(const ParsedHead& head) {
  if (head.repeated(KnownField::x_api_key) || head.repeated(KnownField::authorization)) return two_keys();
  const auto in_header = head.value(KnownField::x_api_key);
  const auto as_bearer = bearer_of(head);
  if (in_header.empty() && as_bearer.empty()) return no_key();
  if (!in_header.empty()) {
    auto secret = ApiKeySecret::parse(in_header);
    if (secret.has_value() || as_bearer.empty()) return secret;
  }
  return ApiKeySecret::parse(as_bearer);
}

}  // namespace

Result<ApiKeyHash> recognise(Exchange& exchange, KeySnapshots& snapshots) {
  TRY(const auto secret, secret_of(exchange.client.head()));
  const auto hash = ApiKeyHash::of(secret);
  exchange.key = snapshots.cached(hash);
  return hash;
}

Task<> authenticate(Exchange& exchange, KeySnapshots& snapshots, ApiKeyHash hash) {
  CO_TRY(exchange.key, co_await snapshots.fetch(hash));
  co_return ok;
}

}  // namespace relay
