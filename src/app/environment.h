// A variable of the environment that is no setting: where a command's option names one.
#pragma once

#include <optional>
#include <string>

namespace relay {

/// Nothing when it is not set. While no other thread changes the environment, which nobody does.
std::optional<std::string> environment_text(const std::string& name);

}  // namespace relay
