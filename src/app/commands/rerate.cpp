// claude-relay rerate: stored usage, priced again by the price table of today. Beside running servers, too.
#include "app/commands/price_import.h"
#include "app/commands/rerate_report.h"
#include "app/people.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "domain/budget.h"
#include "domain/identifier.h"
#include "text/rfc3339.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace relay {
namespace {

struct RerateOptions {
  std::string from, to, user, key, model;
  bool apply = false;
  bool dry_run = false;
  bool json = false;
};

RerateScope scope_of(const RerateOptions& options) {
  RerateScope scope{.from = price_moment("--from", options.from),
                    .to = price_moment("--to", options.to),
                    .user_id = options.user,
                    .key_id = options.key,
                    .model = options.model};
  if (scope.from >= scope.to) throw CommandFailure("--from must be before --to, which is exclusive", 2);
  return scope;
}

AuditDetails details_of(const RerateScope& scope) {
  AuditDetails details{{"from", to_rfc3339(scope.from)}, {"to", to_rfc3339(scope.to)}};
  if (!scope.user_id.empty()) details.emplace_back("user", scope.user_id);
  if (!scope.key_id.empty()) details.emplace_back("key", scope.key_id);
  if (!scope.model.empty()) details.emplace_back("model", scope.model);
  return details;
}

class RerateDesk {
 public:
  explicit RerateDesk(CommandContext& context)
      : context_(context),
        settings_(settings_for(context)),
        stores_(open_current_stores(settings_)),
        service_({.prices = stores_->prices(),
                  .usage = stores_->usage(),
                  .leases = stores_->job_leases(),
                  .clock = context.clock},
                 make_identifier("rerate_", context.clock.now(), context.random)) {}

  RerateOutcome compare(RerateScope scope) {
    return or_fail("cannot compare", run_task(service_.compare(std::move(scope))));
  }

  // The trail says that it began: one that is killed has changed something, too.
  RerateOutcome apply(RerateScope scope) {
    AuditAct act{.action = audit_action::kRerateBegun, .details = details_of(scope)};
    note(act);
    act.action = audit_action::kRerated;
    auto outcome = run_task(service_.apply(std::move(scope)));
    if (outcome.has_error()) {
      act.outcome = AuditOutcome::failure;
      act.details.emplace_back("code", outcome.error().code());
    } else {
      act.details.emplace_back("rows", std::to_string(outcome->changed));
      act.details.emplace_back("difference", to_usd(outcome->differences.total().difference_nano_usd()));
    }
    note(std::move(act));
    return or_fail("cannot rerate all of it (what is done is done: run it again)", std::move(outcome));
  }

 private:
  void note(AuditAct act) {
    or_fail("cannot keep it in the audit trail",
            run_task(note_of_operator(people_parts(context_, settings_, *stores_), std::move(act))));
  }

  CommandContext& context_;
  const Settings settings_;
  const std::unique_ptr<Stores> stores_;
  RerateService service_;
};

void rerate(CommandContext& context, const RerateOptions& options) {
  auto scope = scope_of(options);
  RerateDesk desk(context);
  const auto outcome = options.apply ? desk.apply(std::move(scope)) : desk.compare(std::move(scope));
  if (options.json) {
    std::cout << rerate_json(outcome, options.apply) << "\n";
  } else {
    show_rerate(std::cout, outcome, options.apply);
  }
}

}  // namespace

void add_rerate_command(CLI::App& root, CommandContext& context) {
  auto options = std::make_shared<RerateOptions>();
  auto* command = root.add_subcommand(
      "rerate", "Show what stored usage costs by the price table of today, and with --apply change it");
  command->add_option("--from", options->from, "When calls began: RFC 3339, or a day as in 2026-01-31")
      ->required();
  command->add_option("--to", options->to, "Up to then, exclusive")->required();
  command->add_option("--user", options->user, "Only of this user (an id)");
  command->add_option("--key", options->key, "Only of this key (an id)");
  command->add_option("--model", options->model, "Only of this model, or of a * pattern");
  auto* apply = command->add_flag("--apply", options->apply, "Change costs; what was charged stays");
  command->add_flag("--dry-run", options->dry_run, "Change nothing, as without --apply")->excludes(apply);
  command->add_flag("--json", options->json, "For machines");
  command->callback([&context, options] { rerate(context, *options); });
}

}  // namespace relay
