#include "dialect/answer_reading.h"

#include <algorithm>
#include <cstring>

namespace relay {
namespace {

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

std::optional<std::string_view> behind(std::string_view data, std::string_view opening) {
  const char* const end = data.data() + data.size();
  const auto brace = opening.find('{');
  if (brace == std::string_view::npos) {
    const char* const hit = find(data, opening);
    if (hit == nullptr) return std::nullopt;
    const char* const rest = hit + opening.size();
    return std::string_view(rest, static_cast<std::size_t>(end - rest));
  }
  // An event has few braces: looking for those is several times faster than memmem, which builds a table.
  for (const char* at = data.data() + std::min(brace, data.size()); at != end; ++at) {
    at = static_cast<const char*>(std::memchr(at, '{', static_cast<std::size_t>(end - at)));
    if (at == nullptr) return std::nullopt;
    const std::string_view here(at - brace, static_cast<std::size_t>(end - at) + brace);
    if (here.starts_with(opening)) return here.substr(opening.size());
  }
  return std::nullopt;
}

std::optional<std::int64_t> text_bytes(std::string_view rest) {
  const char* const from = rest.data();
  const char* const end = from + rest.size();
  for (const char* at = from; at != end; ++at) {
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
