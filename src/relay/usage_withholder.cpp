#include "relay/usage_withholder.h"

#include <algorithm>
#include <utility>

namespace relay {
namespace {

constexpr std::size_t kKeptBytesMax = 1024 * 1024;
constexpr std::size_t kUsageBytesMax = 16 * 1024;
constexpr std::size_t kBoundaryBytesMax = 3;  // LF CR LF

// The first byte behind the first blank line that ends at or behind `from`.
std::size_t end_of_event(std::string_view text, std::size_t from) {
  for (auto at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    const auto next = at + 1 < text.size() && text[at + 1] == '\r' ? at + 2 : at + 1;
    if (next < text.size() && text[next] == '\n') return next + 1;
  }
  return std::string_view::npos;
}

std::string_view data_of(std::string_view event) {
  constexpr std::string_view kField = "data:";
  if (!event.starts_with(kField)) return {};
  event.remove_prefix(kField.size());
  return event.substr(0, event.find('\n'));
}

}  // namespace

bool UsageWithholder::is_usage(std::string_view event) {
  if (event.size() > kUsageBytesMax || event.find("\"usage\"") == std::string_view::npos) return false;
  if (json_.read(data_of(event)) != JsonFault::none) return false;
  const auto root = json_.root();
  const auto choices = root.find("choices");
  if (choices.kind() != JsonValue::Kind::array || root.find("usage").kind() != JsonValue::Kind::object)
    return false;
  bool any = false;
  choices.each_element([&any](JsonValue) { any = true; });
  return !any;
}

std::string_view UsageWithholder::pass_events(std::string_view text, std::size_t seen, std::string& out) {
  for (auto end = end_of_event(text, seen); end != std::string_view::npos; end = end_of_event(text, 0)) {
    const auto event = text.substr(0, end);
    if (!is_usage(event)) out.append(event);
    text.remove_prefix(end);
  }
  return text;
}

void UsageWithholder::feed(std::string_view payload, std::string& out) {
  if (kept_.empty()) {
    kept_ = pass_events(payload, 0, out);
  } else {
    // In place: an event that comes in small pieces must not be copied with each of them.
    const auto seen = kept_.size() - std::min(kept_.size(), kBoundaryBytesMax);
    kept_.append(payload);
    const auto left = pass_events(kept_, seen, out).size();
    kept_.erase(0, kept_.size() - left);
  }
  if (kept_.size() > kKeptBytesMax) end(out);
  if (kept_.empty()) kept_ = std::string();
}

void UsageWithholder::end(std::string& out) { out.append(std::exchange(kept_, std::string())); }

}  // namespace relay
