// API keys as values: what a key is, how it is written and when it may be used.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "domain/budget.h"
#include "domain/ip_rules.h"
#include "domain/model_pattern.h"
#include "domain/permission.h"
#include "domain/rate_limit.h"
#include "domain/usage_counters.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// A key in clear text, as a client sends it: "cr_" + 43 base62 characters + 6 of checksum, or a key
/// of the product's first form, "cuk_" + 1 to 32 letters and digits. Exists only while a request is
/// looked at; never stored, never logged. Holds its text itself: parsing allocates nothing.
class ApiKeySecret {
 public:
  static ApiKeySecret generate(Random& random);

  /// unauthorized "api_key_malformed" for a wrong prefix, length, letter or checksum, so that a typo
  /// costs no look-up.
  static Result<ApiKeySecret> parse(std::string_view text);

  std::string_view text() const { return {text_.data(), size_}; }
  std::string prefix() const;  // the first 8 characters; fewer of a short old key
  std::string suffix() const;  // the last 4; none of a short old key

 private:
  static constexpr std::size_t kLength = 52;
  explicit ApiKeySecret(std::string_view text);
  std::array<char, kLength> text_{};
  std::uint8_t size_ = 0;
};

/// SHA-256 of a secret. The only form in which a key is stored and looked up. 32 bytes, no allocation.
class ApiKeyHash {
 public:
  using Bytes = std::array<unsigned char, 32>;

  static ApiKeyHash of(const ApiKeySecret& secret);
  /// internal when it is not 64 hexadecimal digits.
  static Result<ApiKeyHash> from_store(std::string_view hex);

  std::string hex() const;
  const Bytes& bytes() const { return bytes_; }

  /// In the same time for every pair.
  friend bool operator==(const ApiKeyHash& a, const ApiKeyHash& b) {
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.bytes_.size(); ++i) {
      difference |= static_cast<unsigned>(a.bytes_[i] ^ b.bytes_[i]);
    }
    return difference == 0;
  }

 private:
  explicit ApiKeyHash(const Bytes& bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

/// `expired` is never stored: it is what an active key becomes when its time has passed.
enum class ApiKeyStatus { active, inactive, expired, revoked };
std::string_view to_string(ApiKeyStatus status);
/// internal for another word.
Result<ApiKeyStatus> parse_api_key_status(std::string_view text);

/// A name a person gave to a key: 1 to 100 characters (UTF-8 counted by code point), none a control
/// character.
class ApiKeyName {
 public:
  /// validation on `name`; an empty one says "API key name is required".
  static Result<ApiKeyName> parse(std::string_view text);
  static ApiKeyName from_store(std::string text) { return ApiKeyName(std::move(text)); }
  const std::string& text() const { return text_; }
  friend bool operator==(const ApiKeyName&, const ApiKeyName&) = default;

 private:
  explicit ApiKeyName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// Words that people sort their keys by: at most 20 of 1 to 50 characters without control characters;
/// validation on `tags` else.
Result<std::vector<std::string>> parse_tags(std::vector<std::string> tags);

/// How long a key's answers may be kept for later calls that are the same, at most.
inline constexpr std::int64_t kCacheTtlSecondsMax = 604'800;

/// The secret before the last regeneration, which still works for a while.
struct RetiringSecret {
  ApiKeyHash hash;
  WallTime until{};
};

struct ApiKey {
  std::string id{};       // "key_…"
  std::string user_id{};  // "usr_…"
  ApiKeyName name;
  std::string description{};
  ApiKeyHash hash;
  std::string prefix{};
  std::string suffix{};
  std::optional<RetiringSecret> retiring{};
  ApiKeyStatus status = ApiKeyStatus::active;  // as stored: never expired
  Permissions permissions = Permissions::all();
  RateLimit limits{};
  Budget budget{};
  ModelPatterns models{};
  IpRules ip_rules{};
  std::vector<std::string> tags{};
  std::string metadata = "{}";  // a JSON object as text
  /// Answers are kept for calls that are the same, for so long; 0: as long as the relay does by itself. None:
  /// only where a call asks for it.
  std::optional<std::int64_t> cache_ttl_seconds{};
  std::string account_group{};  // whose accounts serve it; empty: those of its plan's group
  UsageCounters usage{};        // kept by the usage store; insert passes over it
  std::optional<WallTime> expires_at{};
  std::optional<WallTime> last_used_at{};
  std::string last_used_address{};
  WallTime created_at{};
  WallTime updated_at{};

  /// The status to show: an active key past its time is expired.
  ApiKeyStatus status_at(WallTime now) const;
};

}  // namespace relay

/// The bytes are a digest: any eight of them are a good hash.
template <>
struct std::hash<relay::ApiKeyHash> {
  std::size_t operator()(const relay::ApiKeyHash& key) const noexcept {
    std::size_t out;
    std::memcpy(&out, key.bytes().data(), sizeof out);
    return out;
  }
};
