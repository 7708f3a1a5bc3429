#include "text/lines.h"

namespace relay {

std::string join_lines(const std::vector<std::string>& entries) {
  std::string out;
  for (const auto& entry : entries) {
    if (!out.empty()) out += '\n';
    out += entry;
  }
  return out;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> entries;
  while (!text.empty()) {
    const auto end = text.find('\n');
    entries.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return entries;
}

}  // namespace relay
