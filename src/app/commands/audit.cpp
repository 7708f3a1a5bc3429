// claude-relay audit: checks the audit trail and shows it, without a running server.
#include "app/commands/commands.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "service/audit_service.h"
#include "store/user_store.h"
#include "text/rfc3339.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace relay {
namespace {

struct AuditOptions {
  std::string since, user, action;
  int limit = 50;
};
using SharedAuditOptions = std::shared_ptr<AuditOptions>;

struct AuditDesk {
  explicit AuditDesk(CommandContext& context)
      : settings(settings_for(context)),
        stores(open_current_stores(settings)),
        chain(settings.encryption_keys),
        audit({.store = stores->audit(), .chain = chain, .clock = context.clock, .random = context.random}) {}
  Settings settings;
  std::unique_ptr<Stores> stores;
  AuditChain chain;
  AuditService audit;
};

// A server that has run, and every command that makes people, has left an entry.
void refuse_emptiness(AuditDesk& desk, AuditVerdict& verdict) {
  if (verdict.head.sequence != 0 || !verdict.problem.empty()) return;
  PageRequest one{.limit = 1};
  const auto people = or_fail("cannot list people", run_task(desk.stores->users().list({}, std::move(one))));
  if (!people.items.empty())
    verdict.problem = "the trail is empty though there are people: it was taken away";
}

void verify(CommandContext& context, const AuditOptions& options) {
  AuditDesk desk(context);
  auto verdict = or_fail("cannot read the audit trail", run_task(desk.audit.verify(options.since)));
  refuse_emptiness(desk, verdict);
  if (!verdict.problem.empty()) {
    std::cout << "BROKEN    " << verdict.problem << "\n"
              << "          " << verdict.entries << " entries before it hold\n";
    context.exit_code = 1;
    return;
  }
  std::cout << "holds     " << verdict.entries << " entries";
  if (verdict.head.anchor_sequence > 0) {
    std::cout << ", behind " << verdict.head.anchor_sequence << " that AUDIT_RETENTION_DAYS took away";
  }
  std::cout << "\n";
  if (verdict.unproven > 0) {
    std::cout << "UNPROVEN  " << verdict.unproven << " entries, the first is " << verdict.first_unproven
              << ", the last " << verdict.last_unproven
              << ": hashed under an ENCRYPTION_KEY that is gone\n"
                 "          put that key behind the present one to check them\n";
    context.exit_code = 1;
  }
  if (!verdict.head.hash.empty()) {
    std::cout << "head      " << verdict.head.hash << "\n"
              << "          keep it elsewhere: `audit verify --since HEAD` shows whether the whole store was "
                 "put back\n";
  }
}

void list(CommandContext& context, const AuditOptions& options) {
  AuditDesk desk(context);
  AuditFilter filter;
  filter.action = options.action;
  if (!options.user.empty()) filter.user_id = options.user;
  PageRequest page{.limit = options.limit};
  const auto entries = or_fail("cannot list", run_task(desk.audit.list(std::move(filter), std::move(page))));
  for (const auto& entry : entries.items) {
    std::cout << to_rfc3339(entry.created_at) << "  " << entry.action << "  " << to_string(entry.outcome)
              << "  " << to_string(entry.actor_kind);
    if (!entry.actor_id.empty()) std::cout << " " << entry.actor_id;
    if (!entry.user_id.empty() && entry.user_id != entry.actor_id) std::cout << "  on " << entry.user_id;
    if (!entry.target.empty()) std::cout << "  " << entry.target;
    if (!entry.address.empty()) std::cout << "  from " << entry.address;
    if (entry.details != "{}") std::cout << "  " << entry.details;
    if (!entry.request_id.empty()) std::cout << "  " << entry.request_id;
    std::cout << "\n";
  }
}

}  // namespace

void add_audit_command(CLI::App& root, CommandContext& context) {
  auto* audit = root.add_subcommand("audit", "Check and show the audit trail");
  audit->require_subcommand(1);
  auto options = std::make_shared<AuditOptions>();

  auto* verifying =
      audit->add_subcommand("verify", "Check that nothing in it was changed or taken away (exit code 1)");
  verifying->add_option("--since", options->since,
                        "The head that an earlier verify printed: it must be in it still");
  verifying->callback([&context, options] { verify(context, *options); });

  auto* listing = audit->add_subcommand("list", "Show the newest entries");
  listing->add_option("--user", options->user, "Whose account (an id)");
  listing->add_option("--action", options->action, "Such as auth.login, or key. for all that begin so");
  listing->add_option("--limit", options->limit, "At most so many (200)")
      ->check(CLI::Range(1, kPageLimitMax));
  listing->callback([&context, options] { list(context, *options); });
}

}  // namespace relay
