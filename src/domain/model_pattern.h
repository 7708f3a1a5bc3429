// Which models a key may ask for.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// A list of names and `*` patterns ("claude-*"). An empty list allows every model.
class ModelPatterns {
 public:
  ModelPatterns() = default;

  /// At most 100 patterns of 1 to 200 visible ASCII characters; validation on `models` else.
  static Result<ModelPatterns> parse(std::vector<std::string> patterns);
  /// From what to_text wrote.
  static ModelPatterns from_store(std::string_view text);

  bool allows(std::string_view model) const;
  const std::vector<std::string>& patterns() const { return patterns_; }
  std::string to_text() const;

  friend bool operator==(const ModelPatterns&, const ModelPatterns&) = default;

 private:
  explicit ModelPatterns(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}
  std::vector<std::string> patterns_;
};

}  // namespace relay
