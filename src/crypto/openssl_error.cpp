#include "crypto/openssl_error.h"

#include <openssl/err.h>

#include <array>

namespace relay {

std::string take_openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "no OpenSSL error";
  std::array<char, 256> words{};
  ERR_error_string_n(code, words.data(), words.size());
  return words.data();
}

}  // namespace relay
