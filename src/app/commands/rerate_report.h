// What `claude-relay rerate` prints.
#pragma once

#include "service/rerate_service.h"

#include <ostream>
#include <string>

namespace relay {

/// For people: a line for each day and model with something to tell, the total, and what has no price.
void show_rerate(std::ostream& out, const RerateOutcome& outcome, bool applied);

/// The same for machines: one JSON object, amounts in USD as texts.
std::string rerate_json(const RerateOutcome& outcome, bool applied);

}  // namespace relay
