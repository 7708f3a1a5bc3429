// Reads fields one by one and goes on after a wrong one, so that all of them are named.
#pragma once

#include "base/result.h"

#include <optional>
#include <utility>

namespace relay {

class FieldReader {
 public:
  template <class T>
  void take(Result<T> parsed, std::optional<T>& slot) {
    if (parsed.has_value()) {
      slot = *std::move(parsed);
    } else {
      refuse(std::move(parsed).error());
    }
  }

  /// The first error's words, every error's fields.
  void refuse(Error error) {
    if (!error_) {
      error_ = std::move(error);
      return;
    }
    for (const auto& [field, message] : error.fields()) error_->on_field(field, message);
  }

  Result<> outcome() && {
    if (error_) return *std::move(error_);
    return ok;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace relay
