// The byte classes of RFC 9110 5.5 and 5.6.2: what may stand in a field name and in a field value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace relay {

namespace field_bytes {

/// 0 where a byte is no token byte, else the byte in lower case.
inline constexpr std::array<unsigned char, 256> kTokenLower = [] {
  std::array<unsigned char, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c);
  for (int c = 'a'; c <= 'z'; ++c) {
    table[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c);
    table[static_cast<std::size_t>(c - 'a' + 'A')] = static_cast<unsigned char>(c);
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] = static_cast<unsigned char>(c);
  }
  return table;
}();

}  // namespace field_bytes

inline bool is_token_byte(char c) { return field_bytes::kTokenLower[static_cast<unsigned char>(c)] != 0; }

/// A control byte that a field value may not hold: below 0x20 but HTAB, and DEL.
inline bool is_forbidden_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

/// The first forbidden control byte of [at, end), or end: for a well-formed line that is its CR, so one
/// pass finds the end of a line and checks its bytes.
inline const char* find_control(const char* at, const char* end) {
#if defined(__SSE2__)
  // Signed bytes after + 0x80: what was 0x00..0x1f comes out below -96.
  const __m128i shift = _mm_set1_epi8(static_cast<char>(0x80));
  const __m128i space = _mm_set1_epi8(static_cast<char>(0x20 - 0x80));
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmplt_epi8(_mm_add_epi8(bytes, shift), space);
    const __m128i bad =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low), _mm_cmpeq_epi8(bytes, del));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad));
    if (mask != 0) return at + __builtin_ctz(mask);
  }
#endif
  while (at != end && !is_forbidden_control(*at)) ++at;
  return at;
}

/// The first byte of [at, end) that no token has, or end. Letters, digits and '-', which is nearly all of a
/// name, go sixteen at a time.
inline const char* skip_token(const char* at, const char* end) {
#if defined(__SSE2__)
  const auto between = [](__m128i bytes, char first, char last) {
    return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(static_cast<char>(first - 1))),
                         _mm_cmplt_epi8(bytes, _mm_set1_epi8(static_cast<char>(last + 1))));
  };
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i letters = between(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
    const __m128i others = _mm_or_si128(between(bytes, '0', '9'), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(letters, others)));
    if (mask == 0xffff) continue;
    at += __builtin_ctz(~mask);
    break;
  }
#endif
  while (at != end && is_token_byte(*at)) ++at;
  return at;
}

/// `lower` must be in lower case; names compare without regard to case (RFC 9110 5.1).
inline bool same_field_name(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  if (name == lower) return true;  // as most are sent, and the fastest to find out
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (field_bytes::kTokenLower[static_cast<unsigned char>(name[i])] !=
        static_cast<unsigned char>(lower[i])) {
      return false;
    }
  }
  return true;
}

/// Without the optional white space (SP, HTAB) at both ends.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace relay
