// claude-relay status: which migrations the store has. Exit code 1 when it is not current.
#include "app/commands/commands.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "text/rfc3339.h"

#include <CLI/CLI.hpp>

#include <iomanip>
#include <iostream>

namespace relay {
namespace {

const char* word(MigrationState state) {
  switch (state) {
    case MigrationState::applied:
      return "applied";
    case MigrationState::pending:
      return "pending";
    case MigrationState::drifted:
      return "changed since it was applied";
    case MigrationState::unknown:
      return "applied by a newer version";
    case MigrationState::half:
      return "half done: `claude-relay migrate` goes on with it";
  }
  return "";
}

}  // namespace

void add_status_command(CLI::App& root, CommandContext& context) {
  auto* command = root.add_subcommand("status", "Show which migrations the store has");
  command->callback([&context] {
    const auto settings = settings_for(context);
    auto stores = open_stores(settings);
    const auto status = or_fail("cannot read the schema's version", run_task(stores->status()));
    for (const auto& line : status.lines) {
      std::cout << std::setw(4) << std::setfill('0') << line.version << "  " << std::setfill(' ') << std::left
                << std::setw(24) << line.name << std::right << word(line.state);
      if (line.applied_at) std::cout << "  " << to_rfc3339(*line.applied_at);
      std::cout << "\n";
    }
    if (!status.is_current()) context.exit_code = 1;
  });
}

}  // namespace relay
