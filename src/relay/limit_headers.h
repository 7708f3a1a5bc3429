// The providers' own ratelimit headers, filled with the key's limits.
#pragma once

#include "http/message.h"
#include "relay/exchange.h"

namespace relay {

/// `anthropic-ratelimit-requests-*` (reset in RFC 3339) or `x-ratelimit-*-requests` (reset like "1m5s"),
/// when the key has a limit of requests.
void append_limit_headers(HttpAnswer& answer, const Exchange& exchange);

}  // namespace relay
