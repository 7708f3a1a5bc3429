// Appending to a growing text: texts and numbers, without a tree and without streams.
#pragma once

#include "json/json_string.h"

#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace relay::simulate {

template <std::integral Number>
void append_number(std::string& out, Number number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

template <class Part>
void append_part(std::string& out, const Part& part) {
  if constexpr (std::integral<Part>) {
    append_number(out, part);
  } else {
    out.append(std::string_view(part));
  }
}

/// Texts and whole numbers, one behind the other.
template <class... Parts>
void append(std::string& out, const Parts&... parts) {
  (append_part(out, parts), ...);
}

/// The longest prefix of at most `bytes` that does not end inside a character of UTF-8.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

}  // namespace relay::simulate
