// chat_over_messages() with a clock of the caller's: Chat's answers say when they were made, Messages' do
// not.
#pragma once

#include "base/clock.h"
#include "translate/translation.h"

#include <memory>

namespace relay {

/// `clock` must outlive the translation.
std::unique_ptr<Translation> chat_over_messages(const Clock& clock);

}  // namespace relay
