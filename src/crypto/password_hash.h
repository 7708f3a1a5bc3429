// Passwords at rest: bcrypt through libxcrypt.
#pragma once

#include "base/random.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace relay {

inline constexpr int kBcryptCostMin = 4;
inline constexpr int kBcryptCostMax = 15;
inline constexpr int kBcryptCostDefault = 10;

/// "$2b$10$…", 60 characters. Blocks for about 2^cost * 50 µs: call it on a pool thread.
/// bcrypt reads 72 bytes and stops at a NUL, so a password that is longer or has a NUL is replaced by the
/// base64 of its SHA-256 first: no byte of it is ever cut. internal when libxcrypt fails.
Result<std::string> hash_password(std::string_view password, int cost, Random& random);

/// Whether `hash` ("$2a$", "$2b$" or "$2y$", of us or of an imported row) was made from `password`.
/// False for any other text. Blocks as long as hash_password; compares in constant time.
bool verify_password(std::string_view password, const std::string& hash);

/// True when `hash` should be made anew at the next sign-in: other cost or other form.
bool needs_rehash(std::string_view hash, int cost);

}  // namespace relay
