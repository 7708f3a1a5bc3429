// Who answers the calls.
#pragma once

#include <optional>
#include <string_view>

namespace relay {

enum class Provider { anthropic, openai };

constexpr std::string_view to_string(Provider provider) {
  return provider == Provider::anthropic ? "anthropic" : "openai";
}

/// By the same word; nothing for another.
constexpr std::optional<Provider> parse_provider(std::string_view text) {
  if (text == "anthropic") return Provider::anthropic;
  if (text == "openai") return Provider::openai;
  return std::nullopt;
}

}  // namespace relay
