// claude-relay rollback: takes migrations back, newest first. What their tables held is gone.
#include "app/commands/commands.h"
#include "app/run_task.h"
#include "app/stores.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace relay {

void add_rollback_command(CLI::App& root, CommandContext& context) {
  auto* command = root.add_subcommand("rollback", "Take the newest migration back, and what its tables hold");
  auto to = std::make_shared<std::optional<int>>();
  auto yes = std::make_shared<bool>(false);
  command->add_option("--to", *to, "Take back everything above this version")
      ->check(CLI::Range(0, kVersionMax));
  command->add_flag("--yes", *yes, "Needed when RELAY_ENV is production");
  command->callback([&context, to, yes] {
    const auto settings = settings_for(context);
    if (settings.environment == RelayEnvironment::production && !*yes) {
      throw CommandFailure("this deletes data, and RELAY_ENV is production: make a backup, then say --yes");
    }
    auto stores = open_stores(settings);
    const auto gone = or_fail("cannot roll back", run_task(stores->rollback(*to)));
    for (const int version : gone) std::cout << "took back " << version << "\n";
    if (gone.empty()) std::cout << "nothing to do\n";
  });
}

}  // namespace relay
