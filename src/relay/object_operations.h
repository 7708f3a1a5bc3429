// The part of the table of paths that is about files, batches and stored responses.
#pragma once

#include "relay/operation.h"

#include <vector>

namespace relay {

/// Each with all its aliases; their texts live for ever.
void append_object_operations(std::vector<RelayOperation>& operations);

}  // namespace relay
