// claude-relay account: the accounts at the providers, beside running servers, which take changes over within
// a second. Secrets come from a file, from standard input or from the environment, never from the command
// line: anybody on the machine can read that.
#include "app/commands/account_health.h"
#include "app/commands/commands.h"
#include "app/environment.h"
#include "app/people.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "domain/budget.h"
#include "service/account_draft.h"
#include "store/upstream_account_store.h"
#include "text/rfc3339.h"
#include "upstream/stored_account.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace relay {
namespace {

constexpr std::size_t kSecretBytesMax = 64 * 1024;

struct AccountOptions {
  std::string which, name, provider, base_url, dialect, cap;
  std::string credential_file, credential_env, proxy, proxy_file, proxy_env;
  std::int64_t priority = -1, weight = -1, concurrency = -1;
  std::vector<std::string> models, groups, maps;
  bool no_groups = false, no_maps = false, no_proxy = false, disabled = false;
};
using SharedAccountOptions = std::shared_ptr<AccountOptions>;

struct AccountDesk {
  explicit AccountDesk(CommandContext& context_)
      : context(context_),
        settings(settings_for(context_)),
        box(settings.encryption_keys),
        stores(open_current_stores(settings)) {}

  UpstreamAccountStore& accounts() { return stores->upstream_accounts(); }

  /// Servers hear of it, and the trail has it.
  void tell(std::string_view action, const StoredAccount& account, AuditDetails details) {
    tell_running_servers(settings, *stores);
    AuditAct act{.action = action, .target = account.id, .details = std::move(details)};
    or_fail("cannot keep it in the audit trail",
            run_task(note_of_operator(people_parts(context, settings, *stores), std::move(act))));
  }

  CommandContext& context;
  Settings settings;
  SealedBox box;
  std::unique_ptr<Stores> stores;
};

/// By its id or its name.
StoredAccount account_of(AccountDesk& desk, const std::string& which) {
  auto all = or_fail("cannot read the accounts", run_task(desk.accounts().list()));
  const auto is_it = [&which](const StoredAccount& account) {
    return account.id == which || account.name == which;
  };
  const auto found = std::ranges::find_if(all, is_it);
  if (found == all.end()) throw CommandFailure("there is no account '" + which + "' in the store");
  return std::move(*found);
}

std::string read_secret_file(const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) throw CommandFailure("cannot read " + path);
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text(kSecretBytesMax, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

std::optional<std::string> secret_of(const std::string& file, const std::string& variable) {
  if (!file.empty()) return read_secret_file(file);
  if (variable.empty()) return std::nullopt;
  auto value = environment_text(variable);
  if (!value) throw CommandFailure("the environment has no " + variable, 2);
  return value;
}

ModelMap::Names names_of(const std::vector<std::string>& maps) {
  ModelMap::Names names;
  for (const auto& each : maps) {
    const auto equals = each.find('=');
    if (equals == std::string::npos) throw CommandFailure("--map must be ASKED=OWN", 2);
    names.emplace_back(each.substr(0, equals), each.substr(equals + 1));
  }
  return names;
}

AccountDraft draft_of(const AccountOptions& options) {
  AccountDraft draft;
  const auto unless_empty = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  const auto unless_missing = [](std::int64_t number) {
    return number < 0 ? std::nullopt : std::optional(number);
  };
  draft.name = unless_empty(options.name);
  draft.provider = unless_empty(options.provider);
  draft.base_url = unless_empty(options.base_url);
  draft.dialect = unless_empty(options.dialect);
  draft.credential = secret_of(options.credential_file, options.credential_env);
  draft.priority = unless_missing(options.priority);
  draft.weight = unless_missing(options.weight);
  draft.concurrency = unless_missing(options.concurrency);
  if (!options.models.empty()) draft.models = options.models;
  if (!options.maps.empty() || options.no_maps) draft.model_map = names_of(options.maps);
  if (!options.groups.empty() || options.no_groups) draft.groups = options.groups;
  draft.proxy = secret_of(options.proxy_file, options.proxy_env);
  if (!options.proxy.empty()) {
    if (!take_password_out(options.proxy).password.empty()) {
      throw CommandFailure(
          "a proxy's password may not stand on the command line: use --proxy-file or --proxy-env", 2);
    }
    draft.proxy = options.proxy;
  }
  if (options.no_proxy) draft.proxy = "";
  if (options.cap == "none") {
    draft.daily_spend_cap.emplace(std::nullopt);
  } else if (!options.cap.empty()) {
    draft.daily_spend_cap = or_fail("--daily-spend-cap", parse_usd(options.cap, "--daily-spend-cap"));
  }
  return draft;
}

std::string words_of_groups(const StoredAccount& account) {
  std::string words;
  for (const auto& group : account.groups) words += (words.empty() ? "" : ",") + group;
  return words.empty() ? "-" : words;
}

void list_accounts(CommandContext& context) {
  AccountDesk desk(context);
  const auto all = or_fail("cannot read the accounts", run_task(desk.accounts().list()));
  if (all.empty()) std::cout << "no account in the store\n";
  for (const auto& account : all) {
    const bool opens = open_secrets(account, desk.box).has_value();
    std::cout << account.id << "  " << std::left << std::setw(24) << account.name << " " << std::setw(10)
              << to_string(account.provider) << " priority " << account.share.priority << "  weight "
              << std::setw(5) << account.share.weight << std::setw(9)
              << (account.enabled ? "enabled" : "disabled") << " " << words_of_groups(account)
              << (opens ? "" : "  CAN'T BE OPENED: see ENCRYPTION_KEY") << "\n";
  }
}

void show_account(CommandContext& context, const std::string& which) {
  AccountDesk desk(context);
  const auto account = account_of(desk, which);
  const auto line = [](const char* name, const std::string& words) {
    std::cout << std::left << std::setw(16) << name << words << "\n";
  };
  line("id", account.id);
  line("name", account.name);
  line("provider", std::string(to_string(account.provider)));
  line("base URL", account.base_url);
  line("credential",
       account.credential_hint.empty() ? "sealed" : "sealed, ends with " + account.credential_hint);
  if (open_secrets(account, desk.box).has_error()) line("", "can't be opened: see ENCRYPTION_KEY");
  line("priority", std::to_string(account.share.priority));
  line("weight", std::to_string(account.share.weight));
  line("concurrency",
       account.share.concurrency == 0 ? "no limit" : std::to_string(account.share.concurrency));
  for (const auto& model : account.models.patterns()) line("model", model);
  for (const auto& [asked, own] : account.model_map.names()) line("map", asked + "=" + own);
  line("dialect", std::string(to_account_dialect(account.dialect)));
  line("groups", words_of_groups(account));
  line("proxy", account.proxy.empty() ? "none" : account.proxy);
  line("daily spend cap", account.daily_spend_cap ? to_usd(*account.daily_spend_cap) + " USD" : "none");
  line("state", account.enabled ? "enabled" : "disabled");
  line("made", to_rfc3339(account.created_at));
  line("changed", to_rfc3339(account.updated_at));
}

void check_places(const AccountDesk& desk, const std::string& base_url, const std::string& proxy) {
  or_fail("cannot keep it",
          run_task(check_account_places(base_url, proxy, desk.settings.allow_private_upstreams)));
}

void add_account(CommandContext& context, const AccountOptions& options) {
  AccountDesk desk(context);
  auto draft = draft_of(options);
  if (!draft.credential) {
    throw CommandFailure(
        "say where the credential is: --credential-file FILE (- is standard input) or --credential-env NAME",
        2);
  }
  draft.enabled = !options.disabled;
  const auto account =
      or_fail("cannot add it", make_account(draft, desk.box, context.clock.now(), context.random));
  check_places(desk, account.base_url, account.proxy);
  or_fail("cannot add it", run_task(desk.accounts().insert(account)));
  desk.tell(audit_action::kAccountCreated, account,
            {{"name", account.name},
             {"provider", std::string(to_string(account.provider))},
             {"baseUrl", account.base_url}});
  std::cout << "added " << account.id << "  " << account.name << "\n";
}

void change_account(AccountDesk& desk, const std::string& which, const AccountDraft& draft) {
  const auto before = account_of(desk, which);
  auto changes =
      or_fail("cannot change it", to_account_changes(before, draft, desk.box, desk.context.random));
  check_places(desk, changes.base_url.value_or(""), changes.proxy.value_or(""));
  const auto after =
      or_fail("cannot change it",
              run_task(desk.accounts().update(before.id, std::move(changes), desk.context.clock.now())));
  desk.tell(audit_action::kAccountUpdated, after, {{"name", after.name}, {"changed", fields_of(draft)}});
}

void set_account(CommandContext& context, const AccountOptions& options) {
  AccountDesk desk(context);
  change_account(desk, options.which, draft_of(options));
  std::cout << "changed " << options.which << "\n";
}

void enable_account(CommandContext& context, const std::string& which, bool enabled) {
  AccountDesk desk(context);
  AccountDraft draft;
  draft.enabled = enabled;
  change_account(desk, which, draft);
  std::cout << which << " is " << (enabled ? "enabled" : "disabled") << "\n";
}

void remove_account(CommandContext& context, const std::string& which) {
  AccountDesk desk(context);
  const auto account = account_of(desk, which);
  or_fail("cannot remove it", run_task(desk.accounts().remove(account.id)));
  desk.tell(audit_action::kAccountRemoved, account, {{"name", account.name}});
  std::cout << "removed " << account.id << "  " << account.name << "\n";
}

void add_account_fields(CLI::App& command, AccountOptions& options) {
  command.add_option("--base-url", options.base_url, "Where its API is; else the provider's own");
  command.add_option("--credential-file", options.credential_file,
                     "File with the credential; - is standard input");
  command.add_option("--credential-env", options.credential_env, "Environment variable with the credential");
  command.add_option("--priority", options.priority,
                     "0 to 1000; accounts with the lowest serve while they can");
  command.add_option("--weight", options.weight, "1 to 1000: its share among those of one priority (100)");
  command.add_option("--concurrency", options.concurrency, "Calls at one time on each node; 0: no limit");
  command.add_option("--model", options.models, "A model that it has, or a * pattern; may be repeated");
  command.add_option("--map", options.maps, "ASKED=OWN: another name for a model; may be repeated");
  command.add_flag("--no-map", options.no_maps, "No other names");
  command.add_option("--dialect", options.dialect, "Of OpenAI's: responses, or chat")
      ->check(CLI::IsMember({"messages", "responses", "chat"}));
  command.add_option("--group", options.groups, "Whose keys and plans it serves; may be repeated");
  command.add_flag("--no-groups", options.no_groups, "It serves those without a group");
  command.add_option("--proxy", options.proxy, "http://… or socks5://…, without a password");
  command.add_option("--proxy-file", options.proxy_file, "File with the proxy's URL; - is standard input");
  command.add_option("--proxy-env", options.proxy_env, "Environment variable with the proxy's URL");
  command.add_flag("--no-proxy", options.no_proxy, "Straight");
  command.add_option("--daily-spend-cap", options.cap, "USD a day (UTC), or none");
}

CLI::App* add_for_account(CLI::App& accounts, const char* name, const char* words,
                          const SharedAccountOptions& options) {
  auto* command = accounts.add_subcommand(name, words);
  command->add_option("ACCOUNT", options->which, "Its id or its name")->required();
  return command;
}

}  // namespace

void add_account_command(CLI::App& root, CommandContext& context) {
  auto* accounts = root.add_subcommand("account", "Show and change the accounts at the providers");
  accounts->require_subcommand(1);
  auto* health = accounts->add_subcommand("health", "How they are doing, as the running server sees it");
  const auto url = std::make_shared<std::string>();
  health->add_option("--url", *url, "Where the server is; without, that of these settings on this machine");
  health->callback([&context, url] { print_account_health(context, *url); });
  accounts->add_subcommand("list", "Those of the store")->callback([&context] { list_accounts(context); });

  auto options = std::make_shared<AccountOptions>();
  add_for_account(*accounts, "show", "All of one account but its secrets", options)
      ->callback([&context, options] { show_account(context, options->which); });

  auto* adding = accounts->add_subcommand("add", "Add an account");
  adding->add_option("NAME", options->name, "What to call it")->required();
  adding->add_option("--provider", options->provider, "anthropic or openai")
      ->required()
      ->check(CLI::IsMember({"anthropic", "openai"}));
  adding->add_flag("--disabled", options->disabled, "It serves nobody yet");
  add_account_fields(*adding, *options);
  adding->callback([&context, options] { add_account(context, *options); });

  auto* setting = add_for_account(*accounts, "set", "Change an account; what is not named stays", options);
  setting->add_option("--name", options->name, "What to call it from now on");
  add_account_fields(*setting, *options);
  setting->callback([&context, options] { set_account(context, *options); });

  add_for_account(*accounts, "remove", "Remove an account and its credential", options)
      ->callback([&context, options] { remove_account(context, options->which); });
  add_for_account(*accounts, "enable", "Let an account serve calls", options)->callback([&context, options] {
    enable_account(context, options->which, true);
  });
  add_for_account(*accounts, "disable", "Give an account no more calls", options)
      ->callback([&context, options] { enable_account(context, options->which, false); });
}

}  // namespace relay
