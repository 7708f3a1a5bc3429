// claude-relay simulate: the stand-in provider.
#include "app/commands/commands.h"

#include <CLI/CLI.hpp>

namespace relay {

void add_simulate_command(CLI::App& root, CommandContext&) {
  auto* command = root.add_subcommand("simulate", "Be a provider that costs nothing, for trying and testing");
  command->callback([] { throw CommandFailure("simulate is not part of this build"); });
}

}  // namespace relay
