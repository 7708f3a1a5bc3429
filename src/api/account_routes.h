#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class AccountService;
class AuditService;
class ProfileService;

/// One's own account as a whole, below users/. All must outlive the routes.
struct AccountRouteParts {
  AccountService& accounts;
  ProfileService& profiles;
  AuditService& audit;
};
std::vector<Route> account_routes(AccountRouteParts parts);

}  // namespace relay
