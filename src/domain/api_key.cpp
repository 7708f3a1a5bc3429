#include "domain/api_key.h"

#include "crypto/sha256.h"
#include "text/base62.h"
#include "text/control_characters.h"
#include "text/hex.h"
#include "text/utf8.h"

#include <zlib.h>

#include <algorithm>

namespace relay {
namespace {

constexpr std::string_view kPrefix = "cr_";
constexpr std::string_view kOldPrefix = "cuk_";
constexpr std::size_t kOldRandomMax = 32;
constexpr std::size_t kRandom = 43;
constexpr std::size_t kChecksum = 6;
constexpr std::size_t kBody = kPrefix.size() + kRandom;

std::array<char, kChecksum> checksum_of(std::string_view body) {
  const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return base62_of(static_cast<std::uint32_t>(crc));
}

Error malformed() { return Error(ErrorKind::unauthorized, "api_key_malformed", "Invalid API key"); }

}  // namespace

ApiKeySecret::ApiKeySecret(std::string_view text) : size_(static_cast<std::uint8_t>(text.size())) {
  std::ranges::copy(text, text_.begin());
}

ApiKeySecret ApiKeySecret::generate(Random& random) {
  std::string text(kPrefix);
  while (text.size() < kBody) {
    std::array<std::byte, 64> bytes;
    random.fill(bytes);
    for (const std::byte byte : bytes) {
      const auto index = std::to_integer<unsigned>(byte) & 63U;
      // 62 and 63 are thrown away, so that every character is equally likely.
      if (index < kBase62.size() && text.size() < kBody) text += kBase62[index];
    }
  }
  const auto checksum = checksum_of(text);
  text.append(checksum.data(), checksum.size());
  return ApiKeySecret(text);
}

Result<ApiKeySecret> ApiKeySecret::parse(std::string_view text) {
  if (text.starts_with(kPrefix)) {
    if (text.size() != kLength || !std::ranges::all_of(text.substr(kPrefix.size()), is_base62))
      return malformed();
    const auto checksum = checksum_of(text.substr(0, kBody));
    if (text.substr(kBody) != std::string_view(checksum.data(), checksum.size())) return malformed();
    return ApiKeySecret(text);
  }
  if (text.starts_with(kOldPrefix)) {
    const auto random = text.substr(kOldPrefix.size());
    if (random.empty() || random.size() > kOldRandomMax || !std::ranges::all_of(random, is_base62))
      return malformed();
    return ApiKeySecret(text);
  }
  return malformed();
}

// An old key can be so short that prefix and suffix would give all of it away.
std::string ApiKeySecret::prefix() const {
  return std::string(text().substr(0, size_ >= 20 ? 8 : kOldPrefix.size()));
}
std::string ApiKeySecret::suffix() const { return size_ >= 20 ? std::string(text().substr(size_ - 4U)) : ""; }

ApiKeyHash ApiKeyHash::of(const ApiKeySecret& secret) { return ApiKeyHash(sha256(secret.text())); }

Result<ApiKeyHash> ApiKeyHash::from_store(std::string_view hex) {
  Bytes bytes;
  if (!parse_hex(hex, bytes)) return Error(ErrorKind::internal, "bad_key_hash", "Internal error");
  return ApiKeyHash(bytes);
}

std::string ApiKeyHash::hex() const { return to_hex(bytes_); }

std::string_view to_string(ApiKeyStatus status) {
  switch (status) {
    case ApiKeyStatus::active:
      return "active";
    case ApiKeyStatus::inactive:
      return "inactive";
    case ApiKeyStatus::expired:
      return "expired";
    case ApiKeyStatus::revoked:
      return "revoked";
  }
  return "revoked";
}

Result<ApiKeyStatus> parse_api_key_status(std::string_view text) {
  for (const auto status :
       {ApiKeyStatus::active, ApiKeyStatus::inactive, ApiKeyStatus::expired, ApiKeyStatus::revoked}) {
    if (to_string(status) == text) return status;
  }
  return Error(ErrorKind::internal, "bad_status", "Internal error")
      .because("key status " + std::string(text));
}

Result<ApiKeyName> ApiKeyName::parse(std::string_view text) {
  if (text.empty()) {
    return Error(ErrorKind::validation, "name_required", "API key name is required")
        .on_field("name", "is required");
  }
  const auto length = count_utf8(text);
  if (!length || *length > 100 || has_control_character(text)) {
    return Error(ErrorKind::validation, "name_invalid", "API key name is not valid")
        .on_field("name", "must be 1 to 100 characters, none of them control characters");
  }
  return ApiKeyName(std::string(text));
}

Result<std::vector<std::string>> parse_tags(std::vector<std::string> tags) {
  const auto is_tag = [](const std::string& tag) {
    const auto length = count_utf8(tag);
    return length && *length >= 1 && *length <= 50 && !has_control_character(tag);
  };
  if (tags.size() > 20 || !std::ranges::all_of(tags, is_tag)) {
    return Error(ErrorKind::validation, "tags_invalid", "The tags are not valid")
        .on_field("tags", "must be at most 20 of 1 to 50 characters, none of them control characters");
  }
  return tags;
}

ApiKeyStatus ApiKey::status_at(WallTime now) const {
  return status == ApiKeyStatus::active && expires_at && *expires_at <= now ? ApiKeyStatus::expired : status;
}

}  // namespace relay
