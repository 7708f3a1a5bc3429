// What the targets share: pieces of an input, each in memory of exactly its size, so that ASan sees every
// look past its end and every view that is kept too long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace relay::fuzz {

/// A property that does not hold is a finding.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// `see(piece)` for each piece of `input`, cut at lengths that follow from `seed`; stops when it says false.
template <class See>
void in_pieces(std::string_view input, std::uint32_t seed, See&& see) {
  while (!input.empty()) {
    seed = seed * 1664525U + 1013904223U;
    std::size_t size = 1 + (seed >> 24) % 9;
    if ((seed >> 16) % 8 == 0) size = 1 + (seed >> 8) % 700;
    const auto piece = input.substr(0, size);
    const auto exact = std::make_unique<char[]>(piece.size());
    std::memcpy(exact.get(), piece.data(), piece.size());
    if (!see(std::string_view(exact.get(), piece.size()))) return;
    input.remove_prefix(piece.size());
  }
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace relay::fuzz
