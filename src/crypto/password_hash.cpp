#include "crypto/password_hash.h"

#include "crypto/sha256.h"
#include "text/base64.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <memory>

namespace relay {
namespace {

constexpr std::size_t kBcryptBytes = 72;
constexpr std::size_t kBcryptHashLength = 60;

std::string bcrypt_input(std::string_view password) {
  if (password.size() <= kBcryptBytes && password.find('\0') == std::string_view::npos) {
    return std::string(password);
  }
  const auto digest = sha256(password);
  return to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// Empty when libxcrypt refuses the setting. crypt_data is 32 KB and holds traces of the password.
std::string bcrypt(std::string input, const char* setting) {
  const auto data = std::make_unique<crypt_data>();
  const char* made = crypt_r(input.c_str(), setting, data.get());
  std::string hash = made != nullptr && made[0] != '*' ? made : "";
  OPENSSL_cleanse(data.get(), sizeof(crypt_data));
  OPENSSL_cleanse(input.data(), input.size());
  return hash;
}

bool is_bcrypt(std::string_view hash) {
  return hash.size() == kBcryptHashLength &&
         (hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$"));
}

}  // namespace

Result<std::string> hash_password(std::string_view password, int cost, Random& random) {
  std::array<std::byte, 16> salt;
  random.fill(salt);
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting;
  const auto rounds = static_cast<unsigned long>(std::clamp(cost, kBcryptCostMin, kBcryptCostMax));
  if (crypt_gensalt_rn("$2b$", rounds, reinterpret_cast<const char*>(salt.data()),
                       static_cast<int>(salt.size()), setting.data(),
                       static_cast<int>(setting.size())) == nullptr) {
    return Error(ErrorKind::internal, "password_hash_failed", "Internal error").because("crypt_gensalt_rn");
  }
  auto hash = bcrypt(bcrypt_input(password), setting.data());
  if (!is_bcrypt(hash)) {
    return Error(ErrorKind::internal, "password_hash_failed", "Internal error").because("crypt_r");
  }
  return hash;
}

bool verify_password(std::string_view password, const std::string& hash) {
  if (!is_bcrypt(hash)) return false;
  return equal_in_constant_time(bcrypt(bcrypt_input(password), hash.c_str()), hash);
}

bool needs_rehash(std::string_view hash, int cost) {
  const auto two_digits = std::to_string(100 + std::clamp(cost, kBcryptCostMin, kBcryptCostMax)).substr(1);
  return !hash.starts_with("$2b$" + two_digits + "$");
}

}  // namespace relay
