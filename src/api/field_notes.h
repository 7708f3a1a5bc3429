// What each field of the client API means: descriptions, bounds that the domain checks, examples.
#pragma once

#include <boost/json/object.hpp>

#include <span>
#include <string_view>

namespace relay {

/// `field` is a name ("email": the same thing wherever it stands), or the name in one struct, query or path
/// ("KeyFields.name": a struct's schema title; "listKeys.status": an operation's parameter), which wins.
struct FieldNote {
  std::string_view field;
  std::string_view description;
  std::string_view keywords{};  // more of its JSON Schema, without the braces: "minLength":1
};

/// All of them: of the tables below.
std::span<const FieldNote> field_notes();
std::span<const FieldNote> general_field_notes();
std::span<const FieldNote> key_field_notes();
std::span<const FieldNote> account_field_notes();  // on accounts at the providers
std::span<const FieldNote> usage_field_notes();    // and on prices

/// Adds the note on `name` in `owner` to its schema; one that describes itself keeps its words.
void add_note(std::string_view owner, std::string_view name, boost::json::object& schema);

}  // namespace relay
