// A .env file: NAME=value lines, as shells and other tools write them.
#pragma once

#include "base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace relay {

/// Blank lines, `# comments`, a leading `export `, '…' as it stands, "…" with \n \t \" \\, and an unquoted
/// value up to ` #`. The last of two equal names counts. validation "env_file_invalid" names the line; the
/// value is not repeated, it may be a secret.
Result<std::map<std::string, std::string, std::less<>>> parse_env_file(std::string_view text);

}  // namespace relay
