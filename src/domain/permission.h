// What a key or a plan may be used for.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

enum class Permission : std::uint8_t {
  claude = 1,  // the Anthropic dialect
  codex = 2,   // the OpenAI dialects
};
std::string_view to_string(Permission permission);

/// A set of permissions, in one byte.
class Permissions {
 public:
  constexpr Permissions() = default;  // none
  static constexpr Permissions all() { return Permissions(3); }
  static constexpr Permissions only(Permission one) { return Permissions(static_cast<std::uint8_t>(one)); }

  /// validation on `permissions` for an unknown word or an empty list.
  static Result<Permissions> parse(const std::vector<std::string>& words);
  /// From "claude,codex", as to_text writes it. internal for another word.
  static Result<Permissions> from_store(std::string_view text);

  constexpr bool allows(Permission one) const { return (bits_ & static_cast<std::uint8_t>(one)) != 0; }
  constexpr bool none() const { return bits_ == 0; }
  /// What both allow.
  constexpr Permissions and_also(Permissions other) const { return Permissions(bits_ & other.bits_); }

  std::vector<std::string> words() const;
  std::string to_text() const;

  friend constexpr bool operator==(Permissions, Permissions) = default;

 private:
  constexpr explicit Permissions(int bits) : bits_(static_cast<std::uint8_t>(bits)) {}
  std::uint8_t bits_ = 0;
};

}  // namespace relay
