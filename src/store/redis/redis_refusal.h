// What a script of the store refuses, in the words of the stores.
#pragma once

#include "base/error.h"

#include <string_view>

namespace relay {

/// The Error that an error reply "RELAY <code>" means: the same kind, code and words as of the SQL stores.
/// internal "store_failed" for another text.
Error refusal_of(std::string_view reply);

}  // namespace relay
