#include "oauth/id_token.h"

#include "crypto/sha256.h"
#include "oauth/oauth_messages.h"
#include "oauth/oauth_provider.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <optional>

namespace relay {
namespace {

constexpr std::chrono::seconds kClockSkewMax{60};
constexpr std::chrono::minutes kAgeMax{10};    // it was made for this sign-in, moments ago
constexpr std::size_t kSubjectBytesMax = 255;  // Core 2
constexpr double kSecondsMax = 1e11;           // far past any date, well within 64 bits of milliseconds

std::optional<WallTime> time_claim(const boost::json::object& claims, const char* name) {
  const auto* value = claims.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double seconds = value->to_number<double>();
  if (!(seconds > 0 && seconds < kSecondsMax)) return std::nullopt;
  return WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

// One text, or a list of texts.
std::vector<std::string> audience_of(const boost::json::object& claims) {
  std::vector<std::string> audience;
  const auto* value = claims.if_contains("aud");
  if (value == nullptr) return audience;
  if (value->is_string()) return {text_member(claims, "aud")};
  if (!value->is_array()) return audience;
  for (const auto& entry : value->get_array()) {
    if (entry.is_string()) audience.emplace_back(entry.get_string().data(), entry.get_string().size());
  }
  return audience;
}

Error wrong(const char* claim) { return oauth_failed(std::string("ID token: ") + claim); }

}  // namespace

Result<boost::json::object> check_id_token(std::string_view payload, const IdTokenRules& rules) {
  boost::system::error_code failure;
  auto value = boost::json::parse({payload.data(), payload.size()}, failure);
  if (failure || !value.is_object()) return wrong("no object");
  auto& claims = value.get_object();

  if (text_member(claims, "iss") != rules.issuer) return wrong("iss");
  const auto audience = audience_of(claims);
  if (std::ranges::find(audience, rules.client_id) == audience.end()) return wrong("aud");
  const bool has_party = claims.contains("azp");
  if ((audience.size() > 1 && !has_party) || (has_party && text_member(claims, "azp") != rules.client_id)) {
    return wrong("azp");
  }
  const auto expires = time_claim(claims, "exp");
  if (!expires || *expires + kClockSkewMax <= rules.now) return wrong("exp");
  const auto issued = time_claim(claims, "iat");
  if (!issued || *issued > rules.now + kClockSkewMax || *issued + kAgeMax < rules.now) return wrong("iat");
  if (const auto not_before = time_claim(claims, "nbf");
      not_before && *not_before > rules.now + kClockSkewMax) {
    return wrong("nbf");
  }
  if (rules.nonce.empty() || !equal_in_constant_time(text_member(claims, "nonce"), rules.nonce)) {
    return wrong("nonce");
  }
  const auto subject = text_member(claims, "sub");
  if (subject.empty() || subject.size() > kSubjectBytesMax) return wrong("sub");
  return std::move(claims);
}

}  // namespace relay
