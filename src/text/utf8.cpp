#include "text/utf8.h"

namespace relay {
namespace {

struct Lead {
  std::size_t more;          // continuation bytes that follow
  unsigned char second_min;  // bounds of the first of them: RFC 3629 4
  unsigned char second_max;
};

std::optional<Lead> lead_of(unsigned char byte) {
  if (byte < 0x80) return Lead{0, 0, 0};
  if (byte >= 0xC2 && byte <= 0xDF) return Lead{1, 0x80, 0xBF};
  if (byte == 0xE0) return Lead{2, 0xA0, 0xBF};
  if (byte == 0xED) return Lead{2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return Lead{2, 0x80, 0xBF};
  if (byte == 0xF0) return Lead{3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return Lead{3, 0x80, 0xBF};
  if (byte == 0xF4) return Lead{3, 0x80, 0x8F};
  return std::nullopt;
}

// Bytes of the code point at the beginning of `text`, which is not empty; 0 when none is there.
std::size_t code_point_size(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = lead_of(at(0));
  if (!lead || text.size() <= lead->more) return 0;
  for (std::size_t k = 1; k <= lead->more; ++k) {
    const auto low = k == 1 ? lead->second_min : 0x80;
    const auto high = k == 1 ? lead->second_max : 0xBF;
    if (at(k) < low || at(k) > high) return 0;
  }
  return 1 + lead->more;
}

}  // namespace

std::optional<std::size_t> count_utf8(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    const auto size = code_point_size(text);
    if (size == 0) return std::nullopt;
    text.remove_prefix(size);
  }
  return count;
}

std::string to_valid_utf8(std::string_view text, std::size_t most) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::string out;
  while (!text.empty()) {
    const auto size = code_point_size(text);
    const auto part = size == 0 ? kReplacement : text.substr(0, size);
    if (out.size() + part.size() > most) break;
    out += part;
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

}  // namespace relay
