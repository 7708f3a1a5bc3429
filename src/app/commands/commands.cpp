#include "app/commands/commands.h"

#include "app/people.h"
#include "app/shared_state.h"
#include "app/run_task.h"
#include "app/stores.h"

#include <iostream>

namespace relay {

std::string words_of(const Error& error) {
  if (!error.fields().empty()) {
    std::string words;
    for (const auto& field : error.fields()) words += "\n  " + field.message;
    return error.message() + words;
  }
  return error.message() + (error.cause().empty() ? "" : " (" + error.cause() + ")");
}

Settings settings_for(CommandContext& context) {
  auto settings = load_settings(context.env_file, context.random);
  if (settings.has_error()) {
    throw CommandFailure(words_of(settings.error()) + "\nThe table of settings is in README.md.", 2);
  }
  for (const auto& warning : settings->warnings) std::cerr << "claude-relay: " << warning << "\n";
  return *std::move(settings);
}

std::unique_ptr<Stores> open_current_stores(const Settings& settings) {
  auto stores = open_stores(settings);
  const auto status = or_fail("cannot read the schema's version", run_task(stores->status()));
  if (!status.is_current()) {
    throw CommandFailure(
        "the store's schema is not the one of this version: see `claude-relay status`, then run "
        "`claude-relay migrate`");
  }
  return stores;
}

PeopleParts people_parts(CommandContext& context, const Settings& settings, Stores& stores) {
  return {.stores = stores,
          .clock = context.clock,
          .random = context.random,
          .audit_chain = AuditChain(settings.encryption_keys),
          .bcrypt_cost = settings.bcrypt_cost};
}

void tell_running_servers(const Settings& settings, Stores& stores) {
  const auto told = tell_servers(settings, stores.revisions());
  if (told.has_value()) return;
  std::cerr << "claude-relay: running servers could not be told (" << words_of(told.error())
            << "); they notice within 10 seconds\n";
}

}  // namespace relay
