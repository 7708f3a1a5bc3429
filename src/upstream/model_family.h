// What models share a provider's limit: the name without its version and date.
#pragma once

#include <string>
#include <string_view>

namespace relay {

/// "claude-sonnet-4-5-20250929" -> "claude-sonnet", "gpt-4o-2024-08-06" -> "gpt-4o", "gpt-5.1" -> "gpt";
/// what stands behind '@' or ':' is a version too. In lower case, at most 64 bytes; never empty for a name
/// that is not.
std::string model_family(std::string_view model);

}  // namespace relay
