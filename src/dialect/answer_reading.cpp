#include "dialect/answer_reading.h"

#include <algorithm>
#include <cstring>

namespace relay {
namespace {

constexpr std::int64_t kCountMax = 1'000'000'000'000;
constexpr std::size_t kWordBytesMax = 256;

const char* find(std::string_view data, std::string_view part) {
  return static_cast<const char*>(memmem(data.data(), data.size(), part.data(), part.size()));
}

}  // namespace

void overwrite(std::optional<std::int64_t>& count, JsonValue value) {
  if (const auto number = value.integer()) count = std::clamp<std::int64_t>(*number, 0, kCountMax);
}

void overwrite(std::string& word, JsonValue value, std::string& scratch) {
  if (const auto text = value.string(scratch); text && text->size() <= kWordBytesMax) word = *text;
}

std::optional<std::int64_t> text_bytes_behind(std::string_view data, std::string_view opening) {
  const char* at = find(data, opening);
  if (at == nullptr) return std::nullopt;
  at += opening.size();
  const char* const from = at;
  const char* const end = data.data() + data.size();
  for (; at != end; ++at) {
    at = static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
    if (at == nullptr) return std::nullopt;
    const char* slashes = at;
    while (slashes != from && slashes[-1] == '\\') --slashes;
    if ((at - slashes) % 2 == 0) {
      return static_cast<std::int64_t>(unescaped_bytes({from, static_cast<std::size_t>(at - from)}));
    }
  }
  return std::nullopt;
}

bool contains(std::string_view data, std::string_view part) { return find(data, part) != nullptr; }

}  // namespace relay
