// The first start on an empty store: somebody has to be able to sign in.
#pragma once

#include "app/people.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// Secrets that are shown once and kept nowhere in clear text.
struct FirstAdmin {
  std::string email;
  std::string password;
  ApiKeySecret key;
};

/// Makes the admin and a key when the store has no user at all; nothing when it has, or when another process
/// was quicker. After migrating, before serving.
Task<std::optional<FirstAdmin>> first_start(PeopleParts parts);

/// For standard output: both secrets, and a curl line that works when it is pasted. `url` without a slash at
/// its end.
std::string first_start_notice(const FirstAdmin& admin, std::string_view url);

/// That line alone, for any key.
std::string curl_line(std::string_view key, std::string_view url);

}  // namespace relay
