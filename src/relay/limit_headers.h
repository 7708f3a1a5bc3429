// The providers' own ratelimit headers, filled with the key's limits.
#pragma once

#include "http/known_field.h"
#include "http/message.h"
#include "relay/exchange.h"

#include <string>

namespace relay {

/// `anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}` (reset in RFC 3339) or
/// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` (reset like "1m5s"): of each kind the limit that
/// is met first. `x-relay-budget-spent` names soft budgets that are. Nothing for a key without limits.
void append_limit_headers(HttpAnswer& answer, const Exchange& exchange);

/// The same as lines of a head; nothing for a key without limits.
struct LimitLines {
  std::string text;     // whole lines
  KnownFieldSet names;  // of them
};
LimitLines limit_header_lines(const Exchange& exchange);

}  // namespace relay
