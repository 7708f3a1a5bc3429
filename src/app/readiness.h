// What /health/ready says of this process.
#pragma once

#include "api/service_routes.h"
#include "async/task.h"

#include <vector>

namespace relay {

class AccountRefresh;
class AccountsInForce;
class AuditService;
class UsageJournal;
class UsageStore;

Awaitable<std::vector<ReadinessCheck>> check_readiness(UsageStore& usage, const UsageJournal& journal,
                                                       const AccountsInForce& accounts,
                                                       const AccountRefresh& refresh, AuditService& audit);

}  // namespace relay
