// The program: everything it does is a command in app/commands.
#include "app/commands/commands.h"
#include "app/version.h"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>

namespace {

int run(int argc, char** argv) {
  relay::CommandContext context;
  CLI::App root("Claude Relay: one door to your team's Anthropic and OpenAI accounts", "claude-relay");
  root.set_version_flag("--version", relay::kVersion);
  root.add_option("--env-file", context.env_file, "File with settings; the environment wins")
      ->capture_default_str();
  root.require_subcommand(1);
  relay::add_serve_command(root, context);
  relay::add_migrate_command(root, context);
  relay::add_status_command(root, context);
  relay::add_seed_command(root, context);
  relay::add_rollback_command(root, context);
  relay::add_doctor_command(root, context);
  relay::add_admin_command(root, context);
  relay::add_account_command(root, context);
  relay::add_rotate_secrets_command(root, context);
  relay::add_copy_command(root, context);
  relay::add_audit_command(root, context);
  relay::add_prices_command(root, context);
  relay::add_rerate_command(root, context);
  relay::add_simulate_command(root, context);
  try {
    root.parse(argc, argv);
  } catch (const CLI::RequiredError& wrong) {
    // CLI11 misses the subcommand before it looks at the word that stands in its place.
    const auto unknown = root.remaining();
    if (unknown.empty()) return root.exit(wrong) == 0 ? 0 : 2;
    throw relay::CommandFailure(
        "there is no command '" + unknown.front() + "'. `claude-relay --help` has them all", 2);
  } catch (const CLI::ParseError& wrong) {
    return root.exit(wrong) == 0 ? 0 : 2;
  }
  return context.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const relay::CommandFailure& failure) {
    std::cerr << "claude-relay: " << failure.words() << "\n";
    return failure.exit_code();
  } catch (const std::exception& failure) {
    std::cerr << "claude-relay: " << failure.what() << "\n";
    return 1;
  }
}
