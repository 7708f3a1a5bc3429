#include "app/readiness.h"

#include "metering/journal.h"
#include "service/audit_service.h"
#include "store/usage_store.h"
#include "upstream/account_refresh.h"

namespace relay {

Awaitable<std::vector<ReadinessCheck>> check_readiness(UsageStore& usage, const UsageJournal& journal,
                                                       const AccountsInForce& accounts,
                                                       const AccountRefresh& refresh, AuditService& audit) {
  // Relaying does not stop for the trail; what waits is in the log, and is told here.
  static_cast<void>(co_await audit.flush());
  auto stored = co_await usage.last_sequence(journal.node_id());
  std::vector<ReadinessCheck> checks;
  checks.push_back({"store", stored.has_value(), stored.has_value() ? "" : "not available"});
  checks.push_back({"journal", journal.accepting(), journal.accepting() ? "" : "full"});
  checks.push_back(
      {"audit", true, audit.state().waiting == 0 ? "" : "entries wait to be stored: see the log"});
  const bool has_accounts = !accounts.pool()->accounts().empty();
  const auto faults = refresh.faults().size();
  auto detail = has_accounts ? std::string() : std::string("none configured");
  if (faults > 0) {
    if (!detail.empty()) detail += "; ";
    detail += std::to_string(faults) + " can't be used: see the log";
  }
  checks.push_back({"upstreams", has_accounts, std::move(detail)});
  co_return checks;
}

}  // namespace relay
