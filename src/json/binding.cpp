#include "json/binding.h"

#include "text/rfc3339.h"
#include "text/utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace relay {

namespace json = boost::json;

namespace json_binding {
namespace {

constexpr std::size_t kProblemsMax = 50;
constexpr std::string_view kVerbatim = "verbatim_";

// Numbers that a double holds exactly: JavaScript writes 1e3 and 1000.0 for 1000.
constexpr double kWholeDoubleMax = 9'007'199'254'740'992.0;

// Every text in a value that is kept as it came.
bool check_all_texts(const json::value& in, const std::string& path, Problems& bad) {
  if (const auto* text = in.if_string()) return check_text(*text, path, 0, kTextCharactersMax, bad);
  if (const auto* array = in.if_array()) {
    for (const auto& entry : *array) {
      if (!check_all_texts(entry, path, bad)) return false;
    }
  }
  if (const auto* object = in.if_object()) {
    for (const auto& [name, member] : *object) {
      if (!check_text(name, path, 0, kTextCharactersMax, bad)) return false;
      if (!check_all_texts(member, path, bad)) return false;
    }
  }
  return true;
}

}  // namespace

std::string json_name(std::string_view member) {
  if (member.starts_with(kVerbatim)) return std::string(member.substr(kVerbatim.size()));
  std::string out;
  for (std::size_t i = 0; i < member.size(); ++i) {
    const char next = i + 1 < member.size() ? member[i + 1] : '\0';
    if (member[i] == '_' && next >= 'a' && next <= 'z') {
      out += static_cast<char>(next - 32);
      ++i;
    } else if (member[i] == '_' && next >= '0' && next <= '9') {
      // "cache_write_5m" is cacheWrite5m: the digit stands for itself, next.
    } else {
      out += member[i];
    }
  }
  return out;
}

void Problems::add(const std::string& path, std::string what) {
  if (error_.fields().size() < kProblemsMax) error_.on_field(path, std::move(what));
}

Error Problems::take() && {
  std::string words;
  for (const auto& [field, message] : error_.fields()) {
    words += (words.empty() ? "" : "; ") + field + " " + message;
  }
  Error named(error_.kind(), error_.code(), std::move(words));
  for (const auto& [field, message] : error_.fields()) named.on_field(field, message);
  return named;
}

bool check_text(std::string_view text, const std::string& path, std::size_t min, std::size_t max,
                Problems& bad) {
  const auto characters = count_utf8(text);
  if (!characters) {
    bad.add(path, "must be valid UTF-8");
  } else if (text.find('\0') != std::string_view::npos) {
    bad.add(path, "must not contain NUL characters");
  } else if (*characters < min) {
    bad.add(path,
            min == 1 ? "must not be empty" : "must have at least " + std::to_string(min) + " characters");
  } else if (*characters > max) {
    bad.add(path, "must have at most " + std::to_string(max) + " characters");
  } else {
    return true;
  }
  return false;
}

bool check_whole(std::int64_t number, const std::string& path, std::int64_t min, std::int64_t max,
                 Problems& bad) {
  if (number >= min && number <= max) return true;
  bad.add(path, "must be from " + std::to_string(min) + " to " + std::to_string(max));
  return false;
}

const json::object* read_object(const json::value& in, const std::string& path, Problems& bad) {
  const auto* object = in.if_object();
  if (object == nullptr) bad.add(path.empty() ? "body" : path, "must be an object");
  return object;
}

const json::array* read_array(const json::value& in, const std::string& path, Problems& bad) {
  const auto* array = in.if_array();
  if (array == nullptr) {
    bad.add(path, "must be a list");
  } else if (array->size() > kListEntriesMax) {
    bad.add(path, "must have at most " + std::to_string(kListEntriesMax) + " entries");
    return nullptr;
  }
  return array;
}

const json::value* find_member(const json::object& in, const std::string& name) {
  return in.if_contains(name);
}

std::string entry_path(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

const std::string* find_pair(const std::vector<std::pair<std::string, std::string>>& pairs,
                             const std::string& name, Problems& bad) {
  const auto is_it = [&name](const auto& pair) { return pair.first == name; };
  const auto found = std::ranges::find_if(pairs, is_it);
  if (found == pairs.end()) return nullptr;
  if (std::any_of(found + 1, pairs.end(), is_it)) bad.add(name, "must be given once");
  return &found->second;
}

json::value pair_value(const std::string& text, bool wants_number, bool wants_bool) {
  if (wants_number) {
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed == std::errc() && end == text.data() + text.size()) return number;
  }
  if (wants_bool && (text == "true" || text == "false")) return text == "true";
  return json::value(text);
}

void read(const json::value& in, const std::string& path, std::string& out, Problems& bad) {
  if (const auto* text = in.if_string()) {
    if (check_text(*text, path, 0, kTextCharactersMax, bad)) out.assign(text->data(), text->size());
  } else {
    bad.add(path, "must be a string");
  }
}

void read(const json::value& in, const std::string& path, std::int64_t& out, Problems& bad) {
  if (const auto* number = in.if_int64()) {
    out = *number;
    return;
  }
  const auto* fraction = in.if_double();
  if (fraction != nullptr && std::abs(*fraction) <= kWholeDoubleMax && std::trunc(*fraction) == *fraction) {
    out = static_cast<std::int64_t>(*fraction);
    return;
  }
  bad.add(path, "must be a whole number");
}

void read(const json::value& in, const std::string& path, bool& out, Problems& bad) {
  if (const auto* flag = in.if_bool()) {
    out = *flag;
  } else {
    bad.add(path, "must be true or false");
  }
}

void read(const json::value& in, const std::string& path, WallTime& out, Problems& bad) {
  const auto* text = in.if_string();
  const auto time = text != nullptr ? parse_rfc3339(*text) : std::nullopt;
  if (time) {
    out = *time;
  } else {
    bad.add(path, "must be a time as in 2026-01-31T12:00:00Z (RFC 3339)");
  }
}

void read(const json::value& in, const std::string& path, json::object& out, Problems& bad) {
  const auto* object = read_object(in, path, bad);
  if (object != nullptr && check_all_texts(in, path, bad)) out = *object;
}

json::value write(const std::string& value) { return json::value(value); }
json::value write(std::string_view value) {
  return json::value(json::string_view(value.data(), value.size()));
}
json::value write(std::int64_t value) { return json::value(value); }
json::value write(bool value) { return json::value(value); }
json::value write(double value) { return json::value(value); }
json::value write(WallTime value) { return json::value(to_rfc3339(value)); }
json::value write(const json::object& value) { return json::value(value); }

}  // namespace json_binding
}  // namespace relay
