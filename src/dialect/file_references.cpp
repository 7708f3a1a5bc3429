#include "dialect/file_references.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace relay {
namespace {

constexpr std::string_view kName = "file_id";
constexpr std::size_t kUnderscoreAt = 4;  // in it

// "_" and, two behind, "d": rare enough in text and code to be looked at one by one. So is an escape of a
// letter ("\u0066"), which may spell the name.
bool is_hit(std::string_view text, std::size_t at) {
  if (text[at] == '_') {
    return at >= kUnderscoreAt && text.substr(at - kUnderscoreAt, kName.size()) == kName;
  }
  const auto escape = text.substr(at, 5);
  return escape.size() == 5 && escape.starts_with("\\u00") && escape[4] >= '2' && escape[4] <= '7';
}

using Bytes = std::uint8_t __attribute__((vector_size(16)));

Bytes load(const char* at) {
  Bytes bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

bool any(Bytes bytes) {
  std::uint64_t halves[2];
  std::memcpy(halves, &bytes, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

class References {
 public:
  explicit References(std::size_t most) : most_(most) {}

  void visit(JsonValue value) {
    if (value.kind() == JsonValue::Kind::array)
      return value.each_element([this](JsonValue element) { visit(element); });
    if (value.kind() != JsonValue::Kind::object) return;
    // Each of them, however it is spelled and however often it is there: readers differ in which one counts.
    value.each_member([this](std::string_view key, JsonValue member) {
      std::string plain(key);
      if (key.find('\\') != std::string_view::npos) static_cast<void>(unescape_json(key, plain));
      if (plain == "file_id") add(member);
      if (plain == "file_ids") member.each_element([this](JsonValue id) { add(id); });
      visit(member);
    });
  }

  std::vector<std::string> found;

 private:
  void add(JsonValue value) {
    const auto id = value.string(scratch_);
    if (!id || found.size() >= most_ || std::ranges::find(found, *id) != found.end()) return;
    found.emplace_back(*id);
  }

  const std::size_t most_;
  std::string scratch_;
};

}  // namespace

bool may_name_files(std::string_view text) {
  constexpr std::size_t kStep = sizeof(Bytes);
  std::size_t at = 0;
  for (; at + kStep + 2 <= text.size(); at += kStep) {
    const auto here = load(text.data() + at);
    const auto behind = load(text.data() + at + 2);
    const auto name = (here == '_') & (behind == 'd');
    const auto escape = (here == '\\') & (behind == '0');
    if (!any(reinterpret_cast<Bytes>(name | escape))) continue;
    for (std::size_t i = at; i < at + kStep; ++i) {
      if ((text[i] == '_' || text[i] == '\\') && is_hit(text, i)) return true;
    }
  }
  for (; at < text.size(); ++at) {
    if ((text[at] == '_' || text[at] == '\\') && is_hit(text, at)) return true;
  }
  return false;
}

std::vector<std::string> files_named_in(JsonValue root, std::size_t most) {
  References references(most);
  references.visit(root);
  return std::move(references.found);
}

}  // namespace relay
