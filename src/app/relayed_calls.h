// The relay's table of paths, as the OpenAPI document lists them.
#pragma once

#include "api/relayed_paths.h"

#include <vector>

namespace relay {

/// Each call once, by its first path; the others are its aliases.
std::vector<RelayedCall> relayed_calls();

}  // namespace relay
