// The commands of claude-relay. Each adds itself to the command line and does its work when it is chosen.
#pragma once

#include "app/settings.h"
#include "base/clock.h"
#include "base/random.h"

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace relay {

class Stores;
struct PeopleParts;

/// What every command starts from. Lives as long as the program.
struct CommandContext {
  std::string env_file = ".env";
  SystemClock clock;
  SystemRandom random;
  int exit_code = 0;
};

/// Words for the operator; main prints them and ends with 1, or 2 when they are about the settings.
class CommandFailure {
 public:
  explicit CommandFailure(std::string words, int exit_code = 1)
      : words_(std::move(words)), exit_code_(exit_code) {}
  const std::string& words() const { return words_; }
  int exit_code() const { return exit_code_; }

 private:
  std::string words_;
  int exit_code_;
};

void add_serve_command(CLI::App& root, CommandContext& context);
void add_migrate_command(CLI::App& root, CommandContext& context);
void add_status_command(CLI::App& root, CommandContext& context);
void add_seed_command(CLI::App& root, CommandContext& context);
void add_rollback_command(CLI::App& root, CommandContext& context);
void add_doctor_command(CLI::App& root, CommandContext& context);
void add_admin_command(CLI::App& root, CommandContext& context);
void add_account_command(CLI::App& root, CommandContext& context);
void add_rotate_secrets_command(CLI::App& root, CommandContext& context);
void add_copy_command(CLI::App& root, CommandContext& context);
void add_audit_command(CLI::App& root, CommandContext& context);
void add_prices_command(CLI::App& root, CommandContext& context);
void add_rerate_command(CLI::App& root, CommandContext& context);
void add_simulate_command(CLI::App& root, CommandContext& context);

/// The bounds of --to, where no store has more versions than their files have digits for.
inline constexpr int kVersionMax = 9999;

/// The settings, checked, secrets included; their warnings go to standard error. Throws CommandFailure.
Settings settings_for(CommandContext& context);

/// One wrong setting a line.
std::string words_of(const Error& error);

/// The value; throws CommandFailure with `what` and the error's words.
template <class T>
T or_fail(const std::string& what, Result<T> outcome) {
  if (outcome.has_error()) throw CommandFailure(what + ": " + words_of(outcome.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(outcome);
}

/// A store whose schema is as this binary wants it. Throws CommandFailure that says to migrate.
std::unique_ptr<Stores> open_current_stores(const Settings& settings);

PeopleParts people_parts(CommandContext& context, const Settings& settings, Stores& stores);

/// What was changed takes effect on running servers within a second. Where they can't be told, says so on
/// standard error: they notice within 10 seconds.
void tell_running_servers(const Settings& settings, Stores& stores);

}  // namespace relay
