#include "domain/model_pattern.h"

#include "text/glob.h"
#include "text/lines.h"

#include <algorithm>

namespace relay {

Result<ModelPatterns> ModelPatterns::parse(std::vector<std::string> patterns) {
  const auto is_visible = [](char c) { return c > 0x20 && c < 0x7F; };
  const auto is_pattern = [&](const std::string& pattern) {
    return !pattern.empty() && pattern.size() <= 200 && std::ranges::all_of(pattern, is_visible);
  };
  if (patterns.size() > 100 || !std::ranges::all_of(patterns, is_pattern)) {
    return Error(ErrorKind::validation, "models_invalid", "The list of models is not valid")
        .on_field("models", "must be at most 100 names or * patterns of 1 to 200 visible characters");
  }
  return ModelPatterns(std::move(patterns));
}

ModelPatterns ModelPatterns::from_store(std::string_view text) { return ModelPatterns(split_lines(text)); }

bool ModelPatterns::allows(std::string_view model) const {
  return patterns_.empty() ||
         std::ranges::any_of(patterns_, [&](const auto& pattern) { return glob_matches(pattern, model); });
}

std::string ModelPatterns::to_text() const { return join_lines(patterns_); }

}  // namespace relay
