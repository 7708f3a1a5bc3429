#include "domain/permission.h"

#include <array>
#include <optional>

namespace relay {
namespace {

constexpr std::array kEvery = {Permission::claude, Permission::codex};

std::optional<Permission> find_permission(std::string_view word) {
  for (const auto permission : kEvery) {
    if (to_string(permission) == word) return permission;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Permission permission) {
  switch (permission) {
    case Permission::claude:
      return "claude";
    case Permission::codex:
      return "codex";
  }
  return "";
}

Result<Permissions> Permissions::parse(const std::vector<std::string>& words) {
  Permissions out;
  for (const auto& word : words) {
    const auto permission = find_permission(word);
    if (!permission) {
      return Error(ErrorKind::validation, "permissions_invalid", "Permissions are not valid")
          .on_field("permissions", "must be a list of claude and codex");
    }
    out.bits_ = static_cast<std::uint8_t>(out.bits_ | static_cast<std::uint8_t>(*permission));
  }
  if (out.none()) {
    return Error(ErrorKind::validation, "permissions_invalid", "Permissions are not valid")
        .on_field("permissions", "must have at least one of claude and codex");
  }
  return out;
}

Result<Permissions> Permissions::from_store(std::string_view text) {
  Permissions out;
  while (!text.empty()) {
    const auto end = text.find(',');
    const auto permission = find_permission(text.substr(0, end));
    if (!permission)
      return Error(ErrorKind::internal, "bad_permissions", "Internal error").because(std::string(text));
    out.bits_ = static_cast<std::uint8_t>(out.bits_ | static_cast<std::uint8_t>(*permission));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::vector<std::string> Permissions::words() const {
  std::vector<std::string> out;
  for (const auto permission : kEvery) {
    if (allows(permission)) out.emplace_back(to_string(permission));
  }
  return out;
}

std::string Permissions::to_text() const {
  std::string out;
  for (const auto& word : words()) out += (out.empty() ? "" : ",") + word;
  return out;
}

}  // namespace relay
