#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class AdminService;
class AuditService;
class ProfileService;
class UsageService;

/// /api/admin/…: for administrators only. All must outlive the routes.
struct AdminRouteParts {
  AdminService& admin;
  ProfileService& profiles;
  UsageService& usages;
  AuditService& audit;
  const Clock& clock;
};
std::vector<Route> admin_user_routes(AdminRouteParts parts);
std::vector<Route> admin_key_routes(AdminRouteParts parts);
/// Plans, usage across users, the audit trail.
std::vector<Route> admin_record_routes(AdminRouteParts parts);

}  // namespace relay
