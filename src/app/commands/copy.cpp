// claude-relay copy: everything of one store into another.
#include "app/commands/commands.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "store/store_copy.h"

#include <CLI/CLI.hpp>

#include <iomanip>
#include <iostream>

namespace relay {
namespace {

const std::map<std::string, DatabaseType> kStores{
    {"sqlite", DatabaseType::sqlite}, {"mysql", DatabaseType::mysql}, {"redis", DatabaseType::redis}};

struct Ends {
  std::string from, to;
};

CopyEnd end_of(Stores& stores) {
  return {
      .rows = stores.rows(), .usage = stores.usage(), .users = stores.users(), .leases = stores.job_leases()};
}

void copy(CommandContext& context, const Ends& ends) {
  if (ends.from == ends.to) throw CommandFailure("--from and --to are the same store");
  auto settings = settings_for(context);
  settings.database_type = kStores.at(ends.from);
  auto from = open_current_stores(settings);
  settings.database_type = kStores.at(ends.to);
  auto to = open_stores(settings);
  or_fail("cannot migrate the store to copy to", run_task(to->migrate(context.clock.now(), std::nullopt)));
  StoreCopyParts parts{.from = end_of(*from),
                       .to = end_of(*to),
                       .progress_file = settings.data_dir + "/copy-" + ends.from + "-to-" + ends.to,
                       .clock = context.clock,
                       .random = context.random,
                       .say = [](std::string_view words) { std::cout << words << "\n"
                                                                     << std::flush; }};
  const auto tables = or_fail("cannot copy", run_task(copy_store(std::move(parts))));
  std::cout << "\nThe same in both:\n";
  for (const auto& table : tables) {
    std::cout << std::left << std::setw(24) << table.table << std::right << std::setw(12) << table.rows
              << " rows  " << std::hex << std::setw(16) << std::setfill('0') << table.checksum << std::dec
              << std::setfill(' ') << "\n";
  }
}

}  // namespace

void add_copy_command(CLI::App& root, CommandContext& context) {
  auto* command = root.add_subcommand(
      "copy", "Copy everything from one store into another, empty one, and compare (stop the relay first)");
  auto ends = std::make_shared<Ends>();
  command->add_option("--from", ends->from, "sqlite, mysql or redis")
      ->required()
      ->check(CLI::IsMember(kStores));
  command->add_option("--to", ends->to, "sqlite, mysql or redis")->required()->check(CLI::IsMember(kStores));
  command->callback([&context, ends] { copy(context, *ends); });
}

}  // namespace relay
