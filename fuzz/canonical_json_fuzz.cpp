// The canonical form of any text is JSON, its own canonical form, and says the same as the text did.
#include "cache/canonical_json.h"
#include "fuzz_input.h"

#include <string>
#include <vector>

namespace {

using namespace relay;
using Kind = JsonValue::Kind;

// Names stand once in each object: find() has but one to find.
bool is_same(JsonValue a, JsonValue b) {
  if (a.kind() != b.kind()) return false;
  bool same = true;
  if (a.kind() == Kind::object) {
    std::size_t members = 0;
    std::string name;
    a.each_member([&](std::string_view key, JsonValue value) {
      ++members;
      same = same && unescape_json(key, name) && is_same(value, b.find(name));
    });
    b.each_member([&](std::string_view, JsonValue) { --members; });
    return same && members == 0;
  }
  if (a.kind() == Kind::array) {
    std::vector<JsonValue> of_b;
    b.each_element([&](JsonValue value) { of_b.push_back(value); });
    std::size_t at = 0;
    a.each_element([&](JsonValue value) { same = same && at < of_b.size() && is_same(value, of_b[at++]); });
    return same && at == of_b.size();
  }
  if (a.kind() == Kind::string) {
    std::string of_a, of_b;
    return a.string(of_a) == b.string(of_b);
  }
  return a.raw() == b.raw();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonIndex index, of_form;
  if (index.read(fuzz::text_of(data, size)) != JsonFault::none) return 0;
  const auto form = canonical_json(index.root());
  if (!form) return 0;
  fuzz::require(of_form.read(*form) == JsonFault::none, "the canonical form is JSON");
  fuzz::require(canonical_json(of_form.root()) == form, "it is its own canonical form");
  if (size < 4096) fuzz::require(is_same(index.root(), of_form.root()), "it says the same");
  return 0;
}
