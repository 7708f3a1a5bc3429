#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class AccountsInForce;
class AdminService;
class AuditService;
class PriceService;
class ProfileService;
class UpstreamAccountService;
class UsageService;

/// /api/admin/…: for administrators only. All must outlive the routes.
struct AdminRouteParts {
  AdminService& admin;
  ProfileService& profiles;
  UsageService& usages;
  AuditService& audit;
  const Clock& clock;
};

/// What they have in common. `path` begins with /api/admin.
inline RouteSpec admin_spec(const char* method, const char* path, const char* operation, const char* summary,
                            Errors errors) {
  return {method, path, Access::admin, operation, summary, std::move(errors), 200, Base::root};
}

std::vector<Route> admin_user_routes(AdminRouteParts parts);
std::vector<Route> admin_key_routes(AdminRouteParts parts);
/// Plans, usage across users, the audit trail.
std::vector<Route> admin_record_routes(AdminRouteParts parts);
/// How the upstream accounts are doing, as this process sees it.
std::vector<Route> admin_account_health_routes(const AccountsInForce& accounts, const Clock& clock);
std::vector<Route> admin_price_routes(PriceService& prices, const Clock& clock);
std::vector<Route> admin_upstream_account_routes(UpstreamAccountService& accounts);

}  // namespace relay
