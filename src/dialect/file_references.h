// The files that a request wants the model to see.
#pragma once

#include "json/json_index.h"

#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// A quick look, a few bytes per nanosecond: false when no member of the JSON text can be called file_id or
/// file_ids.
bool may_name_files(std::string_view text);

/// Every different id that stands in a file_id or file_ids of `root`, at any depth, in the order they come;
/// no more than `most`.
std::vector<std::string> files_named_in(JsonValue root, std::size_t most);

}  // namespace relay
