// claude-relay seed: the documented test user, and a key of theirs. Never in production.
#include "app/commands/commands.h"
#include "app/people.h"
#include "app/run_task.h"
#include "domain/password.h"
#include "store/user_store.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace relay {
namespace {

constexpr const char* kEmail = "test@example.com";
constexpr const char* kPassword =
    "password123";  // documented, and so no secret: hence only outside production

// The seed can be run again: the user stays, and gets the password that is asked for and another key.
Task<User> test_user(PeopleParts parts, std::string password) {
  CO_TRY(auto email, EmailAddress::parse(kEmail));
  auto found = co_await parts.stores.users().find_by_email(std::move(email));
  if (found.has_value()) co_return co_await set_password(parts, kEmail, std::move(password));
  if (found.error().kind() != ErrorKind::not_found) co_return std::move(found).error();
  NewPerson person{.email = kEmail, .username = "testuser", .password = std::move(password)};
  person.plan = "pro";
  co_return co_await make_person(parts, std::move(person));
}

void seed(CommandContext& context, const std::string& password) {
  const auto settings = settings_for(context);
  if (settings.environment == RelayEnvironment::production) {
    throw CommandFailure(
        "seed makes a user whose password everybody knows: refused while RELAY_ENV is production");
  }
  if (password != kPassword) or_fail("--password", Password::parse(password));
  auto stores = open_stores(settings);
  or_fail("cannot migrate", run_task(stores->migrate(context.clock.now(), std::nullopt)));
  const auto parts = people_parts(context, settings, *stores);
  const auto user = or_fail("cannot make the test user", run_task(test_user(parts, password)));
  tell_running_servers(settings, *stores);
  const auto key = or_fail("cannot make a key", run_task(make_key(parts, user.id, "Seeded key")));
  std::cout << "e-mail    " << user.email.text() << "\n"
            << "password  " << (password == kPassword ? kPassword : "(as given)") << "\n"
            << "API key   " << key.secret.text() << "  (shown this once)\n";
}

}  // namespace

void add_seed_command(CLI::App& root, CommandContext& context) {
  auto* command =
      root.add_subcommand("seed", "Make the test user test@example.com and a key (not in production)");
  auto password = std::make_shared<std::string>(kPassword);
  command->add_option("--password", *password, "Of the test user, in place of password123");
  command->callback([&context, password] { seed(context, *password); });
}

}  // namespace relay
