// Reading an answer that somebody needs whole.
#pragma once

#include "relay/phases.h"

#include <cstddef>
#include <string>

namespace relay {

/// The body of exchange.answer, decoded; then the connection is given back. bad_gateway when it is cut, badly
/// framed, longer than `bytes_max`, or does not come in time.
Task<std::string> read_whole(Exchange& exchange, UpstreamConnections& connections,
                             const AttemptLimits& limits, std::size_t bytes_max);

}  // namespace relay
