// claude-relay migrate: brings the store's schema up to this version.
#include "app/commands/commands.h"
#include "app/run_task.h"
#include "app/stores.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace relay {

void add_migrate_command(CLI::App& root, CommandContext& context) {
  auto* command = root.add_subcommand("migrate", "Bring the store's schema up to this version");
  auto to = std::make_shared<std::optional<int>>();
  command->add_option("--to", *to, "Stop at this version")->check(CLI::NonNegativeNumber);
  command->callback([&context, to] {
    const auto settings = settings_for(context);
    auto stores = open_stores(settings);
    const auto applied = or_fail("cannot migrate", run_task(stores->migrate(context.clock.now(), *to)));
    for (const int version : applied) std::cout << "applied " << version << "\n";
    if (applied.empty()) std::cout << "nothing to do\n";
  });
}

}  // namespace relay
