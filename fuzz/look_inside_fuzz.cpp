// Any body is read or refused; what the index hands out lies in the body and is itself valid JSON.
#include "fuzz_input.h"
#include "json/look_inside.h"

#include <string>

namespace {

using namespace relay;

void walk(JsonValue value, std::string_view text, std::size_t depth) {
  const auto raw = value.raw();
  fuzz::require(
      !raw.empty() && raw.data() >= text.data() && raw.data() + raw.size() <= text.data() + text.size(),
      "a value lies in the text");
  std::string scratch;
  if (const auto string = value.string(scratch))
    fuzz::require(string->size() == value.string_bytes(), "string_bytes");
  (void)value.integer();
  (void)value.boolean();
  if (depth > 20) return;
  value.each_member([&](std::string_view key, JsonValue member) {
    if (key.find('\\') == std::string_view::npos)
      fuzz::require(static_cast<bool>(value.find(key)), "a key is found");
    walk(member, text, depth + 1);
  });
  value.each_element([&](JsonValue element) { walk(element, text, depth + 1); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonIndex index;
  const auto body = fuzz::text_of(data, size);
  const auto facts = look_inside(body, index);
  if (facts.has_value()) {
    fuzz::require(facts->choices >= 1 && facts->max_output_tokens.value_or(0) >= 0, "counts");
  } else {
    fuzz::require(!facts.error().message().empty(), "a refusal has words");
  }
  if (index.read(body) == JsonFault::none) {
    walk(index.root(), body, 0);
    const std::string again(index.root().raw());
    fuzz::require(index.read(again) == JsonFault::none, "a value alone is valid");
  }
  return 0;
}
