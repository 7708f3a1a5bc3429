// Described structs from JSON and to JSON. A snake_case member is camelCase in JSON; one whose name begins
// with "verbatim_" has the rest of its name in JSON as it stands.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "json/field_types.h"
#include "json/parse.h"

#include <boost/describe.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace relay {

/// What a std::string member takes when its type says nothing else.
inline constexpr std::size_t kTextCharactersMax = 10'000;
inline constexpr std::size_t kListEntriesMax = 1'000;

/// validation "invalid_request" with every wrong field named, not only the first. Unknown members are
/// ignored; a member that is neither std::optional nor Patch must be there; wrong types are never converted.
/// Texts must be UTF-8 without NUL; null is as good as absent for a std::optional.
/// Takes: bool, std::int64_t, Whole, std::string, Text, WallTime (RFC 3339), boost::json::object (any
/// members), and std::optional, Patch, std::vector and described structs of these.
template <class T>
Result<T> from_json(const boost::json::value& value);

/// The same from a query string or a form: a list of names and texts, in which numbers and booleans stand
/// as text. `pairs` is what http/query.h reads. Only flat structs. A name that is known and given twice is
/// a wrong field too.
template <class T>
Result<T> from_pairs(const std::vector<std::pair<std::string, std::string>>& pairs);

/// Never fails. An empty std::optional is null; a std::variant is what it holds.
template <class T>
boost::json::value to_json(const T& value);

namespace json_binding {

/// "created_at" is "createdAt", "verbatim_created_at" is "created_at".
std::string json_name(std::string_view member);

/// Collects what was wrong, at most 50 things. An empty one means the read went well.
class Problems {
 public:
  bool none() const { return error_.fields().empty(); }
  void add(const std::string& path, std::string what);
  /// The error whose message names every field.
  Error take() &&;

 private:
  Error error_{ErrorKind::validation, "invalid_request", "The request is not valid"};
};

/// Refuses bytes that are not UTF-8, NUL, and other lengths. False when it added a problem.
bool check_text(std::string_view text, const std::string& path, std::size_t min, std::size_t max,
                Problems& bad);
bool check_whole(std::int64_t number, const std::string& path, std::int64_t min, std::int64_t max,
                 Problems& bad);
const boost::json::object* read_object(const boost::json::value& in, const std::string& path, Problems& bad);
const boost::json::array* read_array(const boost::json::value& in, const std::string& path, Problems& bad);
const boost::json::value* find_member(const boost::json::object& in, const std::string& name);
std::string entry_path(const std::string& path, std::size_t index);
/// The one with this name, or null; adds a problem when there are several.
const std::string* find_pair(const std::vector<std::pair<std::string, std::string>>& pairs,
                             const std::string& name, Problems& bad);
/// A number or boolean where `text` reads as one and the member wants one, else the text.
boost::json::value pair_value(const std::string& text, bool wants_number, bool wants_bool);

void read(const boost::json::value& in, const std::string& path, std::string& out, Problems& bad);
void read(const boost::json::value& in, const std::string& path, std::int64_t& out, Problems& bad);
void read(const boost::json::value& in, const std::string& path, bool& out, Problems& bad);
void read(const boost::json::value& in, const std::string& path, WallTime& out, Problems& bad);
void read(const boost::json::value& in, const std::string& path, boost::json::object& out, Problems& bad);

boost::json::value write(const std::string& value);
boost::json::value write(std::string_view value);
boost::json::value write(std::int64_t value);
boost::json::value write(bool value);
boost::json::value write(double value);
boost::json::value write(WallTime value);
boost::json::value write(const boost::json::object& value);

template <class T>
using Members =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;

template <class T>
inline constexpr bool may_be_absent = false;
template <class T>
inline constexpr bool may_be_absent<std::optional<T>> = true;
template <class T>
inline constexpr bool may_be_absent<Patch<T>> = true;

template <class T>
inline constexpr bool is_number = std::is_same_v<T, std::int64_t>;
template <std::int64_t Min, std::int64_t Max>
inline constexpr bool is_number<Whole<Min, Max>> = true;
template <class T>
inline constexpr bool is_number<std::optional<T>> = is_number<T>;

template <class T>
inline constexpr bool is_flag = std::is_same_v<T, bool>;
template <class T>
inline constexpr bool is_flag<std::optional<T>> = is_flag<T>;

template <Described T>
void read(const boost::json::value& in, const std::string& path, T& out, Problems& bad);

template <std::size_t Min, std::size_t Max>
void read(const boost::json::value& in, const std::string& path, Text<Min, Max>& out, Problems& bad) {
  if (const auto* text = in.if_string()) {
    if (check_text(*text, path, Min, Max, bad)) out.value.assign(text->data(), text->size());
  } else {
    bad.add(path, "must be a string");
  }
}

template <std::int64_t Min, std::int64_t Max>
void read(const boost::json::value& in, const std::string& path, Whole<Min, Max>& out, Problems& bad) {
  std::int64_t number = Min;
  read(in, path, number, bad);
  if (check_whole(number, path, Min, Max, bad)) out.value = number;
}

template <class T>
void read(const boost::json::value& in, const std::string& path, std::vector<T>& out, Problems& bad) {
  const auto* array = read_array(in, path, bad);
  if (array == nullptr) return;
  for (std::size_t i = 0; i < array->size(); ++i)
    read((*array)[i], entry_path(path, i), out.emplace_back(), bad);
}

template <class T>
void read(const boost::json::value& in, const std::string& path, std::optional<T>& out, Problems& bad) {
  if (!in.is_null()) read(in, path, out.emplace(), bad);
}

template <class T>
void read(const boost::json::value& in, const std::string& path, Patch<T>& out, Problems& bad) {
  out.present = true;
  read(in, path, out.value, bad);
}

template <Described T>
void read(const boost::json::value& in, const std::string& path, T& out, Problems& bad) {
  const auto* object = read_object(in, path, bad);
  if (object == nullptr) return;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    auto& slot = out.*member.pointer;
    const auto name = json_name(member.name);
    const auto member_path = path.empty() ? name : path + "." + name;
    if (const auto* found = find_member(*object, name)) {
      read(*found, member_path, slot, bad);
    } else if (!may_be_absent<std::remove_reference_t<decltype(slot)>>) {
      bad.add(member_path, "is required");
    }
  });
}

template <std::size_t Min, std::size_t Max>
boost::json::value write(const Text<Min, Max>& value) {
  return write(std::string_view(value.value));
}
template <std::int64_t Min, std::int64_t Max>
boost::json::value write(const Whole<Min, Max>& value) {
  return write(value.value);
}
template <class T>
boost::json::value write(const std::optional<T>& value);
template <class T>
boost::json::value write(const std::vector<T>& values);
template <class... T>
boost::json::value write(const std::variant<T...>& value);
template <Described T>
boost::json::value write(const T& value);

template <class T>
boost::json::value write(const std::optional<T>& value) {
  return value ? write(*value) : boost::json::value(nullptr);
}

template <class T>
boost::json::value write(const std::vector<T>& values) {
  boost::json::array out;
  out.reserve(values.size());
  for (const auto& value : values) out.push_back(write(value));
  return out;
}

template <class... T>
boost::json::value write(const std::variant<T...>& value) {
  return std::visit([](const auto& one) { return write(one); }, value);
}

template <Described T>
boost::json::value write(const T& value) {
  boost::json::object out;
  boost::mp11::mp_for_each<Members<T>>(
      [&](auto member) { out[json_name(member.name)] = write(value.*member.pointer); });
  return out;
}

}  // namespace json_binding

template <class T>
Result<T> from_json(const boost::json::value& value) {
  T out{};
  json_binding::Problems problems;
  json_binding::read(value, "", out, problems);
  if (!problems.none()) return std::move(problems).take();
  return out;
}

template <class T>
Result<T> from_pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  boost::json::object object;
  json_binding::Problems repeated;
  boost::mp11::mp_for_each<json_binding::Members<T>>([&](auto member) {
    using Member = std::remove_reference_t<decltype(std::declval<T&>().*member.pointer)>;
    const auto name = json_binding::json_name(member.name);
    const auto* text = json_binding::find_pair(pairs, name, repeated);
    if (text == nullptr) return;
    object[name] =
        json_binding::pair_value(*text, json_binding::is_number<Member>, json_binding::is_flag<Member>);
  });
  if (!repeated.none()) return std::move(repeated).take();
  return from_json<T>(boost::json::value(std::move(object)));
}

template <class T>
boost::json::value to_json(const T& value) {
  return json_binding::write(value);
}

}  // namespace relay
