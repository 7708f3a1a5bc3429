// claude-relay prices import.
#pragma once

#include "app/commands/commands.h"

#include <cstdint>
#include <string>

namespace relay {

struct PriceImportOptions {
  std::string source, sha256, from;
  std::int64_t timeout_s = 60;  // of fetching, all of it
  bool resellers = false;
  bool skip_doubtful = false;
  bool yes = false;
  bool dry_run = false;
};

/// Shows what the file changes and stores it at once, or nothing. Where prices look wrong it asks on a
/// terminal; else it throws CommandFailure unless it was told what to do with them.
void import_prices(CommandContext& context, const PriceImportOptions& options);

/// Throws CommandFailure that names the option.
WallTime price_moment(const char* option, const std::string& text);

}  // namespace relay
