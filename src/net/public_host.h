// Whether a host is one of our own network's, asked before it is kept as a place to connect to.
#pragma once

#include "async/task.h"

#include <string>

namespace relay {

/// False when `host` (an address, or a name) is, or means just now, an address that is not public (see
/// is_public_address). True for a name that has no address: what is connected to is looked at once more.
/// Returns when the system's look-up does.
Awaitable<bool> is_public_host(std::string host);

}  // namespace relay
