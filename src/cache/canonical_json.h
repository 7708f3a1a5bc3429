// JSON in the one form in which two texts that mean the same are the same bytes.
#pragma once

#include "json/json_index.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace relay {

/// Members sorted by name at every depth, no white space, strings with the fewest escapes; numbers as they
/// are written, since 1 and 1.0 are not the same to every reader. Members of `root` whose names are in
/// `left_out` are not in it. Nothing where two readers may see two things: a name that stands twice in an
/// object, a broken escape.
std::optional<std::string> canonical_json(JsonValue root, std::span<const std::string_view> left_out = {});

}  // namespace relay
