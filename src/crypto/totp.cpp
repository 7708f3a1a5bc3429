#include "crypto/totp.h"

#include "crypto/openssl_error.h"
#include "crypto/sha256.h"
#include "text/base32.h"
#include "text/percent.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <span>

namespace relay {
namespace {

constexpr std::size_t kSecretBytes = 20;
constexpr std::size_t kDigits = 6;
constexpr std::uint32_t kCodes = 1'000'000;
constexpr std::int64_t kStepsAround = 1;

}  // namespace

std::string make_totp_secret(Random& random) {
  std::string secret(kSecretBytes, '\0');
  random.fill(std::as_writable_bytes(std::span(secret)));
  return secret;
}

std::int64_t totp_step_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch() / kTotpStep;
}

Result<std::string> totp_code(std::string_view secret, std::int64_t step) {
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (56 - 8 * i));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  if (HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(), counter.size(),
           mac.data(), &size) == nullptr ||
      size < 20) {
    return Error(ErrorKind::internal, "hmac_failed", "Internal error").because(take_openssl_error());
  }
  // Dynamic truncation (RFC 4226 5.3).
  const std::size_t at = mac[19] & 0x0FU;
  const std::uint32_t bits = (mac[at] & 0x7FU) << 24U | static_cast<std::uint32_t>(mac[at + 1]) << 16U |
                             static_cast<std::uint32_t>(mac[at + 2]) << 8U | mac[at + 3];
  const auto digits = std::to_string(bits % kCodes);
  return std::string(kDigits - digits.size(), '0') + digits;
}

std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, WallTime now) {
  std::optional<std::int64_t> matched;
  const auto present = totp_step_of(now);
  for (auto step = present - kStepsAround; step <= present + kStepsAround; ++step) {
    const auto expected = totp_code(secret, step);
    if (expected.has_value() && equal_in_constant_time(*expected, code)) matched = step;
  }
  return matched;
}

std::string otpauth_uri(std::string_view secret, std::string_view issuer, std::string_view account) {
  const auto name = percent_encode(issuer);
  return "otpauth://totp/" + name + ":" + percent_encode(account) + "?secret=" + to_base32(secret) +
         "&issuer=" + name + "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace relay
