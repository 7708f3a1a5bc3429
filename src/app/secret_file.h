// A secret that the program makes for itself, once, and keeps in a file.
#pragma once

#include "base/result.h"

#include <string>

namespace relay {

class Random;

/// The text of `path`; a new one (32 random bytes in base64url) when there is no such file, written whole
/// with mode 0600 before it is returned. Two processes that start at once get the same. unavailable
/// "secret_unreadable" when it can't be read or written, or when others than the owner may read it.
Result<std::string> kept_secret(const std::string& path, Random& random);

}  // namespace relay
