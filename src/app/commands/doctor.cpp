// claude-relay doctor: checks what serving needs, and says how to mend what is wrong. Exit code 1 on a fault.
#include "app/checks.h"
#include "app/commands/commands.h"

#include <CLI/CLI.hpp>

#include <iomanip>
#include <iostream>

namespace relay {
namespace {

void say(const Check& check) {
  static constexpr const char* kWords[] = {"ok", "warning", "FAILED"};
  std::cout << std::left << std::setw(8) << kWords[static_cast<int>(check.state)] << std::setw(12)
            << check.name << " " << check.words << "\n";
  if (!check.mend.empty())
    std::cout << std::setw(21) << ""
              << "-> " << check.mend << "\n";
}

void examine(CommandContext& context, bool offline) {
  const auto settings = read_settings(context.env_file);
  if (settings.has_error()) throw CommandFailure(words_of(settings.error()), 2);

  bool any_failed = false;
  const auto take = [&any_failed](const std::vector<Check>& checks) {
    for (const auto& check : checks) {
      say(check);
      any_failed = any_failed || check.state == Check::State::failed;
    }
  };
  take(check_settings(*settings));
  take({check_mail(*settings)});
  take(check_folders(*settings));
  take({check_store(*settings), check_port(*settings), check_descriptors(*settings)});
  if (!offline) take(check_upstreams(*settings, context.clock));
  take(check_stored_accounts(*settings, context.clock, offline));
  if (any_failed) context.exit_code = 1;
}

}  // namespace

void add_doctor_command(CLI::App& root, CommandContext& context) {
  auto* command = root.add_subcommand("doctor", "Check the installation and say how to mend it");
  auto table = std::make_shared<bool>(false);
  auto offline = std::make_shared<bool>(false);
  command->add_flag("--settings", *table, "Only print the table of settings, in Markdown");
  command->add_flag("--offline", *offline, "Leave the providers alone");
  command->callback([&context, table, offline] {
    if (*table) {
      std::cout << settings_as_markdown();
    } else {
      examine(context, *offline);
    }
  });
}

}  // namespace relay
