#include "app/upstream_parts.h"

#include "app/run_task.h"
#include "app/start_up.h"
#include "app/upstream_check.h"

namespace relay {
namespace {

Task<AccountTrial> ask_provider(UpstreamParts::Shared shared, UpstreamAccount account) {
  auto work = [&account, &shared]() -> Result<AccountTrial> {
    return try_account(account, shared.trust, shared.settings.connect_timeout);
  };
  co_return co_await shared.fetch_pool.run(std::move(work));
}

}  // namespace

UpstreamParts::UpstreamParts(const Shared& shared)
    : accounts(accounts_of(shared.settings)),
      retries(shared.settings.retry_budget_percent),
      refresh({.store = shared.store,
               .box = shared.box,
               .in_force = accounts,
               .of_settings = accounts_of(shared.settings),
               .are_stand_ins = shared.settings.has_stand_in,
               .allow_private = shared.settings.allow_private_upstreams}),
      spending({.usage = shared.usage,
                .in_force = accounts,
                .clock = shared.clock,
                .node_id = shared.journal.node_id(),
                .newest_record = [&journal = shared.journal] { return journal.last_sequence(); }}),
      service({.accounts = shared.store,
               .refresh = refresh,
               .box = shared.box,
               .audit = shared.audit,
               .invalidation = shared.invalidation,
               .clock = shared.clock,
               .random = shared.random,
               .allow_private = shared.settings.allow_private_upstreams,
               .ask_provider = [shared](UpstreamAccount account) {
                 return ask_provider(shared, std::move(account));
               }}) {}

void UpstreamParts::start() {
  static_cast<void>(run_task(refresh.reload()));
  refresh.start();
  spending.mark();
  static_cast<void>(run_task(spending.read()));
  spending.start();
}

}  // namespace relay
