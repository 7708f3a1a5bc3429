// Text as the bytes that OpenSSL and its like take.
#pragma once

#include <string>
#include <string_view>

namespace relay {

inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// For a call that writes them.
inline unsigned char* writable_bytes(std::string& text, std::size_t at = 0) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}

}  // namespace relay
