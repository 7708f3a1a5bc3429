// How what nodes share is named in Redis, and how long a person's call waits for it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace relay {

/// `{<prefix>:<kind>:<name>}`: the braces make all of it the hash tag, so that on a cluster each name has a
/// slot of its own. Every such key has an expiry: what is forgotten goes by itself, and that is the bound of
/// their number.
inline std::string shared_key(std::string_view prefix, std::string_view kind, std::string_view name) {
  std::string key;
  key.reserve(prefix.size() + kind.size() + name.size() + 4);
  key.append("{").append(prefix).append(":").append(kind).append(":").append(name).append("}");
  return key;
}

/// Sign-in waits no longer for Redis: then it is unavailable.
inline constexpr std::chrono::milliseconds kSharedStatePatience{1'000};

}  // namespace relay
