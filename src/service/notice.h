// What people are told, in words.
#pragma once

#include "base/clock.h"
#include "domain/api_key.h"
#include "domain/notification.h"
#include "service/device.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace relay {

struct BudgetUse;

struct Notice {
  NotificationKind kind = NotificationKind::key_created;
  std::string title;
  std::string body;
  std::map<std::string, std::string>
      details{};                         // the notification's data; the mail's template reads them too
  std::optional<std::string> subject{};  // told once
  std::string mail_to{};                 // empty: to the user's address
};

/// A limit of the plan that is nearly used.
struct LimitUse {
  std::string name;  // "monthly token limit"
  std::string id;    // "tokens_per_month"
  std::int64_t used = 0;
  std::int64_t limit = 0;
  int percent = 0;  // the threshold that was passed: 80, 100
  WallTime resets_at{};
};

Notice key_created_notice(const ApiKey& key, WallTime now);
Notice key_expiring_notice(const ApiKey& key);
Notice new_sign_in_notice(const Device& device, WallTime now);
Notice password_changed_notice(const Device& device, WallTime now);
Notice email_changed_notice(const std::string& from, const std::string& to, const Device& device,
                            WallTime now);
Notice limit_near_notice(const LimitUse& use);
Notice budget_near_notice(const BudgetUse& use);

}  // namespace relay
