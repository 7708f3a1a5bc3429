#include "upstream/model_family.h"

#include <algorithm>

namespace relay {
namespace {

constexpr std::size_t kFamilyBytesMax = 64;

bool is_version(std::string_view part) {
  if (part == "latest") return true;
  return !part.empty() &&
         std::ranges::all_of(part, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace

std::string model_family(std::string_view model) {
  model = model.substr(0, model.find_first_of("@:", 1));
  for (auto dash = model.rfind('-'); dash != std::string_view::npos && dash > 0; dash = model.rfind('-')) {
    if (!is_version(model.substr(dash + 1))) break;
    model = model.substr(0, dash);
  }
  std::string family(model.substr(0, kFamilyBytesMax));
  for (char& c : family) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return family;
}

}  // namespace relay
