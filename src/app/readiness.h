// What /health/ready says of this process.
#pragma once

#include "api/service_routes.h"
#include "async/task.h"

#include <vector>

namespace relay {

class AccountPool;
class AuditService;
class UsageJournal;
class UsageStore;

Awaitable<std::vector<ReadinessCheck>> check_readiness(UsageStore& usage, const UsageJournal& journal,
                                                       const AccountPool& accounts, AuditService& audit);

}  // namespace relay
