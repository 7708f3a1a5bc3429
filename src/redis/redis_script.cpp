#include "redis/redis_command.h"

#include "text/hex.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace relay {

// SHA-1 is how Redis names scripts; nothing here rests on its strength.
RedisScript::RedisScript(std::string source, Touches touches)
    : touches_(touches), source_(std::move(source)) {
  std::array<unsigned char, 20> digest{};
  if (EVP_Digest(source_.data(), source_.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) {
    throw std::runtime_error("SHA-1 is not available in OpenSSL");
  }
  sha1_ = to_hex(digest);
}

}  // namespace relay
