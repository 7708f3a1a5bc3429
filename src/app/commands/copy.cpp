// claude-relay copy: everything of one store into another.
#include "app/commands/commands.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "store/store_copy.h"

#include <CLI/CLI.hpp>

#include <filesystem>
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

void need_settings(const Settings& settings, const std::string& option, const std::string& kind) {
  const auto checked = check_store_settings(settings, kStores.at(kind), option + " ");
  if (checked.has_value()) return;
  throw CommandFailure(words_of(checked.error()) + "\nThe table of settings is in README.md.", 2);
}

// Before anything is made: opening a store of SQLite makes one where there is none.
void check_ends(const Settings& settings, const Ends& ends) {
  need_settings(settings, "--from", ends.from);
  need_settings(settings, "--to", ends.to);
  if (ends.from == "sqlite" && !std::filesystem::exists(settings.database_path())) {
    throw CommandFailure("there is no database at " + settings.database_path() +
                             ": set DATA_DIR to the folder of the one to copy",
                         2);
  }
}

void copy(CommandContext& context, const Ends& ends) {
  if (ends.from == ends.to) throw CommandFailure("--from and --to are the same store");
  // Settings that can't be read at all are settings_for's to tell.
  if (const auto known = read_settings(context.env_file); known.has_value()) check_ends(*known, ends);
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
