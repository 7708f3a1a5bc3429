// Bytes as lower-case hexadecimal.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace relay {

std::string to_hex(std::span<const unsigned char> bytes);

/// Fills `out` from exactly twice as many digits, of either case. False (and `out` is unspecified)
/// for another length or letter.
bool parse_hex(std::string_view text, std::span<unsigned char> out);

}  // namespace relay
