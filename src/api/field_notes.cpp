#include "api/field_notes.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace relay {
namespace {

namespace json = boost::json;

const FieldNote* find_note(std::string_view owner, std::string_view name) {
  const auto notes = field_notes();
  const auto qualified = std::string(owner) + "." + std::string(name);
  auto found = std::ranges::find(notes, std::string_view(qualified), &FieldNote::field);
  if (found == notes.end()) found = std::ranges::find(notes, name, &FieldNote::field);
  return found == notes.end() ? nullptr : &*found;
}

bool takes_null(const json::object& schema) {
  const auto* type = schema.if_contains("type");
  return type != nullptr && type->is_array();
}

}  // namespace

std::span<const FieldNote> field_notes() {
  static const auto all = [] {
    std::vector<FieldNote> notes;
    for (const auto& table :
         {general_field_notes(), key_field_notes(), account_field_notes(), usage_field_notes()}) {
      notes.insert(notes.end(), table.begin(), table.end());
    }
    return notes;
  }();
  return all;
}

void add_note(std::string_view owner, std::string_view name, json::object& schema) {
  const auto* note = find_note(owner, name);
  if (note == nullptr) return;
  if (!schema.contains("description")) schema["description"] = note->description;
  const auto more = json::parse("{" + std::string(note->keywords) + "}");
  for (const auto& [keyword, value] : more.as_object()) {
    schema[keyword] = value;
    if (keyword == "enum" && takes_null(schema)) schema[keyword].as_array().emplace_back(nullptr);
  }
}

}  // namespace relay
