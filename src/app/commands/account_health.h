// How the accounts at the providers are doing, for the command line.
#pragma once

#include "app/commands/commands.h"

#include <string>

namespace relay {

/// Asks the server at `url` (empty: the one of these settings on this machine) and prints a line for each
/// account, and why it rests and until when. Throws CommandFailure.
void print_account_health(CommandContext& context, std::string url);

}  // namespace relay
