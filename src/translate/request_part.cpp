#include "translate/request_part.h"

#include "json/json_index.h"
#include "json/parse.h"
#include "text/utf8.h"

#include <algorithm>

namespace relay {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownNameBytesMax = 100;

// The client chose the bytes of an unknown member's name.
std::string shown(std::string_view name) {
  const bool is_plain =
      std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return is_plain && name.size() <= kShownNameBytesMax ? std::string(name) : "?";
}

}  // namespace

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

Error not_carried(std::string path, std::string why) {
  auto message = path + " " + why;
  return Error(ErrorKind::validation, "invalid_request", std::move(message))
      .on_field(std::move(path), std::move(why));
}

std::string entry_path(std::string_view list, std::size_t entry) {
  return std::string(list) + "[" + std::to_string(entry) + "]";
}

Result<json::value> parse_request(std::string_view body) {
  if (body.size() > kJsonBytesMax) return not_carried("body", "is too long");
  if (!is_utf8(body)) return not_carried("body", "must be UTF-8");
  TRY(auto value, parse_json(body, kJsonDepthMax));
  if (!value.is_object()) return not_carried("body", "must be a JSON object");
  return value;
}

Result<RequestPart> RequestPart::of(const json::value& value, std::string path) {
  if (!value.is_object()) return not_carried(std::move(path), "must be an object");
  return RequestPart(value.get_object(), std::move(path));
}

Result<> RequestPart::only(std::initializer_list<std::string_view> names) const {
  for (const auto& [key, value] : *object_) {
    const std::string_view name(key.data(), key.size());
    if (value.is_null() || std::ranges::find(names, name) != names.end()) continue;
    return refuse(shown(name), "can't be carried to the model that serves this call");
  }
  return ok;
}

Result<> RequestPart::only_text(std::string_view name, std::string_view value) const {
  TRY(const auto found, optional_text(name));
  if (!found || *found == value) return ok;
  return refuse(name, "can only be \"" + std::string(value) + "\" with the model that serves this call");
}

const json::value* RequestPart::find(std::string_view name) const {
  const auto* value = object_->if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Result<std::optional<std::string_view>> RequestPart::optional_text(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr) return std::optional<std::string_view>();
  if (!value->is_string()) return refuse(name, "must be a string");
  return std::optional(view(value->get_string()));
}

Result<std::string_view> RequestPart::text(std::string_view name) const {
  TRY(const auto found, optional_text(name));
  if (!found) return refuse(name, "is required");
  return *found;
}

Result<std::optional<bool>> RequestPart::optional_flag(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr) return std::optional<bool>();
  if (!value->is_bool()) return refuse(name, "must be true or false");
  return std::optional(value->get_bool());
}

Result<const json::value*> RequestPart::optional_number(std::string_view name, double least,
                                                        double most) const {
  const auto* value = find(name);
  if (value == nullptr) return value;
  if (!value->is_number()) return refuse(name, "must be a number");
  const auto number = value->to_number<double>();
  if (!(number >= least && number <= most)) {
    return refuse(name, "must be from " + std::to_string(static_cast<std::int64_t>(least)) + " to " +
                            std::to_string(static_cast<std::int64_t>(most)) +
                            " with the model that serves this call");
  }
  return value;
}

Result<RequestPart> RequestPart::part(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr) return refuse(name, "is required");
  return of(*value, path_of(name));
}

Result<const json::array*> RequestPart::optional_list(std::string_view name) const {
  const auto* value = find(name);
  const json::array* none = nullptr;
  if (value == nullptr) return none;
  if (!value->is_array()) return refuse(name, "must be an array");
  return &value->get_array();
}

std::string RequestPart::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

}  // namespace relay
