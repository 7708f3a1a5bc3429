#include "http/multipart.h"

#include "http/message.h"

#include <algorithm>
#include <string>

namespace relay {
namespace {

constexpr std::size_t kPartsMax = 50;
constexpr std::size_t kBoundaryBytesMax = 70;  // RFC 2046 5.1.1

// The value of `name=` in a header's parameters, with or without quotes.
std::optional<std::string_view> parameter_of(std::string_view value, std::string_view name) {
  while (true) {
    const auto semicolon = value.find(';');
    if (semicolon == std::string_view::npos) return std::nullopt;
    value.remove_prefix(semicolon + 1);
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    const auto equals = value.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const bool is_it = same_header_name(value.substr(0, equals), name);
    value.remove_prefix(equals + 1);
    std::string_view text;
    if (value.starts_with('"')) {
      const auto end = value.find('"', 1);
      if (end == std::string_view::npos) return std::nullopt;
      text = value.substr(1, end - 1);
      value.remove_prefix(end + 1);
    } else {
      text = value.substr(0, value.find_first_of("; \t"));
      value.remove_prefix(text.size());
    }
    if (is_it) return text;
  }
}

std::string_view name_in(std::string_view head) {
  constexpr std::string_view kField = "content-disposition";
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    const auto line = head.substr(0, end);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && same_header_name(line.substr(0, colon), kField))
      return parameter_of(line.substr(colon), "name").value_or("");
    head.remove_prefix(std::min(end + 2, head.size()));
  }
  return {};
}

}  // namespace

std::optional<std::vector<MultipartPart>> parse_multipart(std::string_view content_type,
                                                          std::string_view body) {
  constexpr std::string_view kType = "multipart/form-data";
  if (content_type.size() < kType.size() || !same_header_name(content_type.substr(0, kType.size()), kType))
    return std::nullopt;
  const auto boundary = parameter_of(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kBoundaryBytesMax) return std::nullopt;
  const std::string first = "--" + std::string(*boundary);
  const std::string delimiter = "\r\n" + first;
  if (!body.starts_with(first)) return std::nullopt;
  body.remove_prefix(first.size());
  std::vector<MultipartPart> parts;
  while (!body.starts_with("--")) {
    const auto end = body.find(delimiter);
    if (!body.starts_with("\r\n") || end == std::string_view::npos || parts.size() == kPartsMax)
      return std::nullopt;
    const auto part = body.substr(2, end < 2 ? 0 : end - 2);
    const auto head_end = part.starts_with("\r\n") ? 0 : part.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return std::nullopt;
    const auto head = part.substr(0, head_end);
    parts.push_back({name_in(head), part.substr(head_end + (head.empty() ? 2 : 4))});
    body.remove_prefix(end + delimiter.size());
  }
  return parts;
}

}  // namespace relay
