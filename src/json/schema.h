// The JSON Schema (2020-12, as OpenAPI 3.1 has it) of a described struct: of the same types as binding.h.
#pragma once

#include "json/binding.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace relay {

/// A described struct has its name as its title: "Key" of KeyObject. In a request an optional member may be
/// left out; in an answer it is always there, but may be null.
enum class SchemaUse { request, answer };

template <class T>
boost::json::object schema_of(SchemaUse use);

namespace json_schema {

template <class T>
struct Type {};

boost::json::object text(std::size_t min, std::size_t max);
boost::json::object whole(std::int64_t min, std::int64_t max);
boost::json::object plain(const char* type, const char* format = nullptr);
boost::json::object list_of(boost::json::object entry, SchemaUse use);
boost::json::object or_null(boost::json::object schema);

/// "KeyObject" of a function's signature in the compiler's words. A struct that serves requests too is
/// "KeyFields" there: what must be in it differs.
std::string title_in(std::string_view signature, SchemaUse use);

template <class T>
std::string title_of(SchemaUse use) {
  return title_in(__PRETTY_FUNCTION__, use);
}

inline boost::json::object of(Type<std::string>, SchemaUse use) {
  return use == SchemaUse::request ? text(0, kTextCharactersMax) : plain("string");
}
inline boost::json::object of(Type<std::string_view>, SchemaUse) { return plain("string"); }
inline boost::json::object of(Type<std::int64_t>, SchemaUse) { return plain("integer", "int64"); }
inline boost::json::object of(Type<bool>, SchemaUse) { return plain("boolean"); }
inline boost::json::object of(Type<double>, SchemaUse) { return plain("number"); }
inline boost::json::object of(Type<WallTime>, SchemaUse) { return plain("string", "date-time"); }
inline boost::json::object of(Type<boost::json::object>, SchemaUse) { return plain("object"); }

template <std::size_t Min, std::size_t Max>
boost::json::object of(Type<Text<Min, Max>>, SchemaUse) {
  return text(Min, Max);
}

template <std::int64_t Min, std::int64_t Max>
boost::json::object of(Type<Whole<Min, Max>>, SchemaUse) {
  return whole(Min, Max);
}

template <class T>
boost::json::object of(Type<std::vector<T>>, SchemaUse use) {
  return list_of(schema_of<T>(use), use);
}

template <class T>
boost::json::object of(Type<std::optional<T>>, SchemaUse use) {
  return or_null(schema_of<T>(use));
}

template <class T>
boost::json::object of(Type<Patch<T>>, SchemaUse use) {
  return or_null(schema_of<T>(use));
}

/// Answers only: a request is one thing.
template <class... T>
boost::json::object of(Type<std::variant<T...>>, SchemaUse use) {
  return {{"oneOf", boost::json::array{schema_of<T>(use)...}}};
}

template <json_binding::Described T>
boost::json::object of(Type<T>, SchemaUse use) {
  boost::json::object properties;
  boost::json::array required;
  boost::mp11::mp_for_each<json_binding::Members<T>>([&](auto member) {
    using Member = std::remove_reference_t<decltype(std::declval<T&>().*member.pointer)>;
    const auto name = json_binding::json_name(member.name);
    properties[name] = schema_of<Member>(use);
    if (use == SchemaUse::answer || !json_binding::may_be_absent<Member>) required.emplace_back(name);
  });
  auto schema = plain("object");
  schema["title"] = title_of<T>(use);
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

}  // namespace json_schema

template <class T>
boost::json::object schema_of(SchemaUse use) {
  return json_schema::of(json_schema::Type<T>{}, use);
}

}  // namespace relay
