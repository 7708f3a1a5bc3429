// claude-relay admin: manages people without a running server.
#include "app/commands/commands.h"
#include "app/limits_of_holder.h"
#include "app/people.h"
#include "app/run_task.h"
#include "domain/password.h"
#include "store/user_store.h"

#include <CLI/CLI.hpp>

#include <iomanip>
#include <iostream>

namespace relay {
namespace {

struct AdminOptions {
  std::string email, role, plan, password, username, whose;
  LimitFields limits;
  BudgetFields budget;
};
using SharedAdminOptions = std::shared_ptr<AdminOptions>;

struct AdminDesk {
  explicit AdminDesk(CommandContext& context)
      : settings(settings_for(context)),
        stores(open_current_stores(settings)),
        parts(people_parts(context, settings, *stores)) {}
  Settings settings;
  std::unique_ptr<Stores> stores;
  PeopleParts parts;
};

// A password that was not given is made and shown.
std::string password_or_new(const AdminOptions& options, Random& random) {
  if (options.password.empty()) return make_password(random);
  or_fail("--password", Password::parse(options.password));
  return options.password;
}

void say_password(const AdminOptions& options, const std::string& password) {
  if (options.password.empty()) std::cout << "password  " << password << "  (shown this once)\n";
}

void create(CommandContext& context, const AdminOptions& options) {
  AdminDesk desk(context);
  NewPerson person{.email = options.email,
                   .username = options.username,
                   .password = password_or_new(options, context.random)};
  person.role = UserRole::admin;
  person.plan = options.plan.empty() ? "enterprise" : options.plan;
  const auto password = person.password;
  const auto user =
      or_fail("cannot create " + options.email, run_task(make_person(desk.parts, std::move(person))));
  std::cout << "created   " << user.email.text() << ", " << to_string(user.role) << "\n";
  say_password(options, password);
}

void reset_password(CommandContext& context, const AdminOptions& options) {
  AdminDesk desk(context);
  const auto password = password_or_new(options, context.random);
  const auto user = or_fail(options.email, run_task(set_password(desk.parts, options.email, password)));
  tell_running_servers(desk.settings, *desk.stores);
  std::cout << "password set for " << user.email.text() << "; every session has ended\n";
  say_password(options, password);
}

void list(CommandContext& context) {
  AdminDesk desk(context);
  UserFilter everybody;
  PageRequest page{.limit = kPageLimitMax};
  do {
    const auto people = or_fail("cannot list", run_task(desk.stores->users().list(everybody, page)));
    for (const auto& user : people.items) {
      std::cout << std::left << std::setw(32) << user.email.text() << " " << std::setw(20)
                << user.username.text() << " " << std::setw(6) << to_string(user.role) << " " << std::setw(11)
                << user.plan << " " << to_string(user.status) << "\n";
    }
    page.cursor = people.next_cursor;
  } while (!page.cursor.empty());
}

void say_limit(const char* name, std::int64_t limit) {
  std::cout << std::left << std::setw(21) << name << (limit == 0 ? "none" : std::to_string(limit)) << "\n";
}

void change_limits(CommandContext& context, const AdminOptions& options) {
  AdminDesk desk(context);
  const auto limits = or_fail(options.whose, run_task(set_limits(desk.parts, options.whose, options.limits)));
  tell_running_servers(desk.settings, *desk.stores);
  say_limit("requests per minute", limits.requests_per_minute);
  say_limit("tokens per minute", limits.tokens_per_minute);
  say_limit("requests per day", limits.requests_per_day);
  say_limit("tokens per day", limits.tokens_per_day);
  say_limit("at one time", limits.concurrency);
}

void change_budget(CommandContext& context, const AdminOptions& options) {
  AdminDesk desk(context);
  const auto budget = or_fail(options.whose, run_task(set_budget(desk.parts, options.whose, options.budget)));
  tell_running_servers(desk.settings, *desk.stores);
  for (const auto period : kBudgetPeriods) {
    const auto& amount = budget.of(period);
    std::cout << std::left << std::setw(9) << to_string(period)
              << (amount ? to_usd(*amount) + " USD" : std::string("none"))
              << (amount && budget.is_soft(period) ? ", soft" : "") << "\n";
  }
  std::cout << "resets at " << to_reset_time(budget.reset_minute) << "\n";
}

void add_limit_commands(CLI::App& admin, CommandContext& context, const SharedAdminOptions& options) {
  auto* limits = admin.add_subcommand("set-limits", "Set limits of a user or a key; what is not named stays");
  limits->add_option("WHOSE", options->whose, "An e-mail address, or a key's id")->required();
  auto& fields = options->limits;
  limits->add_option("--requests-per-minute", fields.requests_per_minute, "0: no limit");
  limits->add_option("--tokens-per-minute", fields.tokens_per_minute, "0: no limit");
  limits->add_option("--requests-per-day", fields.requests_per_day, "0: no limit");
  limits->add_option("--tokens-per-day", fields.tokens_per_day, "0: no limit");
  limits->add_option("--concurrency", fields.concurrency, "Calls at one time; 0: no limit");
  limits->callback([&context, options] { change_limits(context, *options); });

  auto* money = admin.add_subcommand("set-budget", "Set budgets of a user or a key; what is not named stays");
  money->add_option("WHOSE", options->whose, "An e-mail address, or a key's id")->required();
  auto& budget = options->budget;
  money->add_option("--daily", budget.daily, "USD, or none");
  money->add_option("--weekly", budget.weekly, "USD, or none");
  money->add_option("--monthly", budget.monthly, "USD, or none");
  money->add_option("--total", budget.total, "USD, or none");
  money->add_option("--reset-time", budget.reset_time, "When days begin: HH:MM of the user's clock");
  money->add_option("--soft", budget.soft, "Periods that refuse no call: daily,monthly; or none")
      ->delimiter(',');
  money->callback([&context, options] { change_budget(context, *options); });
}

CLI::App* add_for_person(CLI::App& admin, const char* name, const char* words,
                         const SharedAdminOptions& options) {
  auto* command = admin.add_subcommand(name, words);
  command->add_option("EMAIL", options->email, "Whose")->required();
  return command;
}

}  // namespace

void add_admin_command(CLI::App& root, CommandContext& context) {
  auto* admin = root.add_subcommand("admin", "Manage people without a running server");
  admin->require_subcommand(1);
  auto options = std::make_shared<AdminOptions>();

  auto* creating = add_for_person(*admin, "create", "Make an admin", options);
  creating->add_option("--username", options->username, "Else made from the address");
  creating->add_option("--plan", options->plan, "Else enterprise");
  creating->add_option("--password", options->password, "Else a random one is made and shown");
  creating->callback([&context, options] { create(context, *options); });

  auto* role = add_for_person(*admin, "set-role", "Make somebody an admin, or a user again", options);
  role->add_option("ROLE", options->role, "user or admin")->required();
  role->callback([&context, options] {
    AdminDesk desk(context);
    const auto user = or_fail(options->email, run_task(set_role(desk.parts, options->email, options->role)));
    tell_running_servers(desk.settings, *desk.stores);
    std::cout << user.email.text() << " is " << to_string(user.role) << " now\n";
  });

  auto* plan = add_for_person(*admin, "set-plan", "Put somebody on a plan", options);
  plan->add_option("PLAN", options->plan, "free, basic, pro, enterprise, or one of your own")->required();
  plan->callback([&context, options] {
    AdminDesk desk(context);
    const auto user = or_fail(options->email, run_task(set_plan(desk.parts, options->email, options->plan)));
    tell_running_servers(desk.settings, *desk.stores);
    std::cout << user.email.text() << " is on " << user.plan << " now\n";
  });

  add_limit_commands(*admin, context, options);

  auto* password =
      add_for_person(*admin, "reset-password", "Set a new password and end all sessions", options);
  password->add_option("--password", options->password, "Else a random one is made and shown");
  password->callback([&context, options] { reset_password(context, *options); });

  admin->add_subcommand("list", "List everybody")->callback([&context] { list(context); });
}

}  // namespace relay
