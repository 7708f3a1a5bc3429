// claude-relay serve: the server.
#include "app/app.h"
#include "app/commands/commands.h"
#include "app/descriptor_limit.h"
#include "app/first_start.h"
#include "app/handover.h"
#include "app/run_task.h"
#include "app/start_up.h"
#include "app/stores.h"
#include "observe/log.h"
#include "simulate/simulator.h"
#include "store/upstream_account_store.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace relay {
namespace {

// The log writes what waits when the server has ended, whichever way it did.
struct LogSession {
  explicit LogSession(const Settings& settings) {
    start_logging({.level = settings.log_level, .format = settings.log_format, .folder = settings.log_dir});
  }
  ~LogSession() { stop_logging(); }
  LogSession(const LogSession&) = delete;
  LogSession& operator=(const LogSession&) = delete;
};

// What is listened on, whatever PUBLIC_URL says.
std::string local_url(Settings settings, std::uint16_t port) {
  settings.public_url.clear();
  return settings.url(port);
}

// With no account at a provider the relay can still be tried: it brings a provider of its own.
std::unique_ptr<Simulator> stand_in_for(Settings& settings) {
  auto simulator = std::make_unique<Simulator>(Simulator::Settings{});
  simulator->start();
  settings.anthropic_base_url = "http://127.0.0.1:" + std::to_string(simulator->port());
  settings.openai_base_url = settings.anthropic_base_url;
  settings.anthropic_api_key = "stand-in";
  settings.openai_api_key = "stand-in";
  settings.has_stand_in = true;
  std::cout
      << "No provider key is set: a stand-in provider answers, for trying the relay. Set ANTHROPIC_API_KEY\n"
         "or OPENAI_API_KEY, in the environment or in .env, or add an account with `claude-relay account "
         "add`,\n"
         "to relay for real.\n\n";
  return simulator;
}

bool has_stored_accounts(const Settings& settings, const Clock& clock) {
  const auto stores = open_migrated(settings, clock);
  const auto accounts = or_throw("cannot read the accounts", run_task(stores->upstream_accounts().list()));
  stores->stop();
  return !accounts.empty();
}

void serve(CommandContext& context, Settings settings, Handover& handover) {
  const LogSession log(settings);
  allow_many_descriptors();
  const bool needs_stand_in = settings.has_no_upstream() && !has_stored_accounts(settings, context.clock);
  const auto simulator = needs_stand_in ? stand_in_for(settings) : nullptr;
  App app(settings, context.clock, context.random, &handover);
  const auto url = local_url(settings, app.port());
  const auto admin =
      or_fail("first start", run_task(first_start(people_parts(context, settings, app.stores()))));
  if (admin) std::cout << first_start_notice(*admin, url);
  std::cout << "listening on " << url << std::endl;
  // Who connects from here on is served in a moment: the sockets listen.
  handover.tell_ready();
  app.run();
}

void serve(CommandContext& context) {
  const auto settings = settings_for(context);
  Handover handover(settings);
  try {
    serve(context, settings, handover);
  } catch (const CommandFailure& failure) {
    handover.tell_failed(failure.words());
    throw;
  } catch (const std::exception& failure) {
    handover.tell_failed(failure.what());
    throw;
  }
}

}  // namespace

void add_serve_command(CLI::App& root, CommandContext& context) {
  auto* command = root.add_subcommand("serve", "Migrate the store and serve");
  command->callback([&context] { serve(context); });
}

}  // namespace relay
