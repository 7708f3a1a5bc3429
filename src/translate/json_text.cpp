#include "translate/json_text.h"

#include "json/json_string.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

namespace relay {
namespace {

namespace json = boost::json;

void append(std::string& out, const json::value& value);

void append_number(std::string& out, double number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  out += text;
  // Still no whole number, so that whoever reads it reads the same.
  if (text.find_first_not_of("-0123456789") == std::string_view::npos) out += ".0";
}

void append(std::string& out, const json::array& array) {
  out += '[';
  bool is_first = true;
  for (const auto& entry : array) {
    if (!std::exchange(is_first, false)) out += ',';
    append(out, entry);
  }
  out += ']';
}

void append(std::string& out, const json::value& value) {
  if (const auto* object = value.if_object()) return append_json_text(out, *object);
  if (const auto* array = value.if_array()) return append(out, *array);
  if (const auto* number = value.if_double(); number != nullptr && std::isfinite(*number)) {
    return append_number(out, *number);
  }
  if (const auto* text = value.if_string()) return append_json_string(out, *text);
  out += json::serialize(value);
}

}  // namespace

void append_json_text(std::string& out, const json::object& object) {
  out += '{';
  bool is_first = true;
  for (const auto& [key, value] : object) {
    if (!std::exchange(is_first, false)) out += ',';
    append_json_string(out, key);
    out += ':';
    append(out, value);
  }
  out += '}';
}

std::string to_json_text(const json::value& value) {
  std::string out;
  append(out, value);
  return out;
}

std::string to_json_text(const json::object& object) {
  std::string out;
  append_json_text(out, object);
  return out;
}

}  // namespace relay
