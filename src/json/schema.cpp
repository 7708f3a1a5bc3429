#include "json/schema.h"

namespace relay::json_schema {

namespace json = boost::json;

json::object plain(const char* type, const char* format) {
  json::object schema{{"type", type}};
  if (format != nullptr) schema["format"] = format;
  return schema;
}

json::object text(std::size_t min, std::size_t max) {
  auto schema = plain("string");
  if (min > 0) schema["minLength"] = min;
  schema["maxLength"] = max;
  return schema;
}

json::object whole(std::int64_t min, std::int64_t max) {
  auto schema = plain("integer", "int64");
  schema["minimum"] = min;
  schema["maximum"] = max;
  return schema;
}

// g++: "… [with T = relay::{anonymous}::KeyObject; std::string = …]", clang: "[T = relay::KeyObject]".
std::string title_in(std::string_view signature, SchemaUse use) {
  auto name = signature.substr(signature.find("T = ") + 4);
  name = name.substr(0, name.find_first_of(";]"));
  name = name.substr(name.rfind(':') + 1);
  constexpr std::string_view kObject = "Object";
  if (!name.ends_with(kObject) || name == kObject) return std::string(name);
  name.remove_suffix(kObject.size());
  return std::string(name) + (use == SchemaUse::request ? "Fields" : "");
}

json::object list_of(json::object entry, SchemaUse use) {
  auto schema = plain("array");
  schema["items"] = std::move(entry);
  if (use == SchemaUse::request) schema["maxItems"] = kListEntriesMax;
  return schema;
}

json::object or_null(json::object schema) {
  auto& type = schema["type"];
  if (type.is_string()) {
    json::array types;
    types.push_back(std::move(type));
    types.emplace_back("null");
    type = std::move(types);
  }
  return schema;
}

}  // namespace relay::json_schema
