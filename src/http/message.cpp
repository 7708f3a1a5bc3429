#include "http/message.h"

#include <algorithm>

namespace relay {

bool same_header_name(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

std::string_view find_header(const std::vector<Header>& headers, std::string_view name) {
  const auto same = [&](const Header& header) { return same_header_name(header.name, name); };
  const auto found = std::ranges::find_if(headers, same);
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::string_view HttpRequest::header(std::string_view name) const { return find_header(headers, name); }

}  // namespace relay
