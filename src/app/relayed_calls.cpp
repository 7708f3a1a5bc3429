#include "app/relayed_calls.h"

#include "relay/operation.h"

#include <algorithm>
#include <string>

namespace relay {
namespace {

constexpr std::string_view kOneSegment = "/*";

// What stands from the first named segment on; empty when there is none.
std::string_view from_segment(std::string_view path) {
  const auto at = path.find(kOneSegment);
  return at == std::string_view::npos ? std::string_view() : path.substr(at);
}

bool is_same_call(const RelayOperation& a, const RelayOperation& b) {
  return a.method == b.method && a.kind == b.kind && a.dialect == b.dialect &&
         a.upstream_path == b.upstream_path && from_segment(a.path) == from_segment(b.path);
}

std::string documented(std::string_view path) {
  const auto rest = from_segment(path);
  if (rest.empty()) return std::string(path);
  return std::string(path.substr(0, path.size() - rest.size())) + "/{id}" +
         std::string(rest.substr(kOneSegment.size()));
}

}  // namespace

std::vector<RelayedCall> relayed_calls() {
  std::vector<RelayedCall> calls;
  std::vector<const RelayOperation*> firsts;
  for (const auto& operation : relay_operations()) {
    const auto first =
        std::ranges::find_if(firsts, [&](const auto* known) { return is_same_call(*known, operation); });
    if (first != firsts.end()) {
      calls[static_cast<std::size_t>(first - firsts.begin())].aliases.push_back(documented(operation.path));
      continue;
    }
    firsts.push_back(&operation);
    calls.push_back({.method = std::string(operation.method),
                     .path = documented(operation.path),
                     .shape = shape_of(operation.dialect)});
  }
  return calls;
}

}  // namespace relay
