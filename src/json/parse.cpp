#include "json/parse.h"

#include "text/utf8.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

namespace relay {
namespace {

namespace json = boost::json;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kDuplicatesMax = 50;
constexpr std::size_t kShownNameBytesMax = 100;

// A member's name as an error may show it: the caller chose its bytes.
std::string shown(const std::string& name) {
  const bool is_plain =
      std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (name.empty() || name.size() > kShownNameBytesMax || !is_plain || !is_utf8(name)) return "?";
  return name;
}

// What basic_parser tells, in its words: builds the value, and keeps the way to where it is.
class ValueBuilder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  bool on_document_begin(ErrorCode&) {
    values_.reset();
    return true;
  }
  bool on_document_end(ErrorCode&) { return true; }

  bool on_object_begin(ErrorCode&) { return open(false); }
  bool on_object_end(std::size_t members, ErrorCode&) {
    values_.push_object(members);
    return close();
  }
  bool on_array_begin(ErrorCode&) { return open(true); }
  bool on_array_end(std::size_t entries, ErrorCode&) {
    values_.push_array(entries);
    return close();
  }

  bool on_key_part(json::string_view part, std::size_t, ErrorCode&) {
    key_.append(part.data(), part.size());
    values_.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, ErrorCode&) {
    key_.append(part.data(), part.size());
    values_.push_key(part);
    auto& here = way_.back();
    here.member = std::move(key_);
    key_.clear();
    if (!here.names.insert(here.member).second && duplicates_.size() < kDuplicatesMax)
      duplicates_.push_back(path());
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t, ErrorCode&) {
    values_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, ErrorCode&) {
    values_.push_string(part);
    return passed();
  }
  bool on_number_part(json::string_view, ErrorCode&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, ErrorCode&) {
    values_.push_int64(number);
    return passed();
  }
  bool on_uint64(std::uint64_t number, json::string_view, ErrorCode&) {
    values_.push_uint64(number);
    return passed();
  }
  bool on_double(double number, json::string_view, ErrorCode&) {
    values_.push_double(number);
    return passed();
  }
  bool on_bool(bool flag, ErrorCode&) {
    values_.push_bool(flag);
    return passed();
  }
  bool on_null(ErrorCode&) {
    values_.push_null();
    return passed();
  }
  bool on_comment_part(json::string_view, ErrorCode&) { return true; }
  bool on_comment(json::string_view, ErrorCode&) { return true; }

  json::value take() { return values_.release(); }
  const std::vector<std::string>& duplicates() const { return duplicates_; }

  /// "rateLimit.rpm", "tags[2]"; empty at the top.
  std::string path() const {
    std::string path;
    for (const auto& step : way_) {
      if (step.is_array) {
        path += "[" + std::to_string(step.entry) + "]";
      } else if (!step.member.empty() || !step.names.empty()) {
        path += (path.empty() ? "" : ".") + shown(step.member);
      }
    }
    return path;
  }

 private:
  struct Step {
    bool is_array = false;
    std::size_t entry = 0;
    std::string member{};
    std::unordered_set<std::string> names{};
  };

  bool open(bool is_array) {
    way_.push_back({.is_array = is_array});
    return true;
  }
  bool close() {
    way_.pop_back();
    return passed();
  }
  bool passed() {
    if (!way_.empty() && way_.back().is_array) ++way_.back().entry;
    return true;
  }

  json::value_stack values_;
  std::vector<Step> way_;
  std::string key_;
  std::vector<std::string> duplicates_;
};

Error not_json(const ErrorCode& ec, const std::string& path, std::size_t depth_max) {
  const auto outermost = path.substr(0, path.find_first_of(".["));
  if (ec == json::error::too_deep) {
    return Error(ErrorKind::validation, "invalid_json", "The body is nested too deeply")
        .on_field(outermost.empty() ? "body" : outermost,
                  "must not be nested more than " + std::to_string(depth_max) + " deep");
  }
  Error error(ErrorKind::validation, "invalid_json", "The body is not valid JSON");
  if (outermost.empty()) {
    error.on_field("body", "must be valid JSON");
  } else {
    error.on_field(path, "must be valid JSON from here on");
  }
  return std::move(error).because(ec.message());
}

Error named_twice(const std::vector<std::string>& paths) {
  Error error(ErrorKind::validation, "duplicate_field", paths.front() + " must be given once");
  for (const auto& path : paths) error.on_field(path, "must be given once");
  return error;
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::size_t depth_max) {
  json::parse_options options;
  options.max_depth = depth_max;
  options.allow_invalid_utf8 = true;
  json::basic_parser<ValueBuilder> parser(options);
  ErrorCode ec;
  const auto read = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && read < text.size()) ec = json::error::extra_data;
  auto& builder = parser.handler();
  if (ec) return not_json(ec, builder.path(), depth_max);
  if (!builder.duplicates().empty()) return named_twice(builder.duplicates());
  return builder.take();
}

}  // namespace relay
