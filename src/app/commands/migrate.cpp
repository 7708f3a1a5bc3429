// claude-relay migrate: brings the store's schema up to this version.
#include "app/commands/commands.h"
#include "app/run_task.h"
#include "app/stores.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace relay {
namespace {

// Of this program, or of the newer one that the store belongs to.
int newest(const MigrationStatus& status) { return status.lines.empty() ? 0 : status.lines.back().version; }

}  // namespace

void add_migrate_command(CLI::App& root, CommandContext& context) {
  auto* command = root.add_subcommand("migrate", "Bring the store's schema up to this version");
  auto to = std::make_shared<std::optional<int>>();
  command->add_option("--to", *to, "Stop at this version")->check(CLI::Range(0, kVersionMax));
  command->callback([&context, to] {
    const auto settings = settings_for(context);
    auto stores = open_stores(settings);
    const auto status = or_fail("cannot read the schema's version", run_task(stores->status()));
    if (*to && **to > newest(status)) {
      throw CommandFailure("there is no version " + std::to_string(**to) + ": the newest is " +
                           std::to_string(newest(status)));
    }
    const auto applied = or_fail("cannot migrate", run_task(stores->migrate(context.clock.now(), *to)));
    for (const int version : applied) std::cout << "applied " << version << "\n";
    if (!applied.empty()) return;
    std::cout << "nothing to do";
    if (*to && **to < status.version) {
      std::cout << ": the store is at " << status.version << " already; `claude-relay rollback --to " << **to
                << "` goes down";
    }
    std::cout << "\n";
  });
}

}  // namespace relay
