// The client speaks Responses, the upstream Messages: with a clock, for the answer says when it was made.
#pragma once

#include "base/clock.h"
#include "translate/translation.h"

#include <memory>

namespace relay {

std::unique_ptr<Translation> responses_over_messages(const Clock& clock);

}  // namespace relay
