// Takes away what nobody needs any more: ended sessions, dead links, erased rows, and what is past its
// retention.
#pragma once

#include "async/task.h"
#include "base/clock.h"
#include "service/audit_service.h"
#include "store/api_key_store.h"
#include "store/audit_store.h"
#include "store/email_token_store.h"
#include "store/job_lease_store.h"
#include "store/known_device_store.h"
#include "store/notification_store.h"
#include "store/outbox_store.h"
#include "store/provider_object_store.h"
#include "store/session_store.h"
#include "store/usage_store.h"
#include "store/user_store.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace relay {

/// How long what is kept. 0 days: for ever.
struct Retention {
  std::chrono::days usage{400};          // USAGE_RETENTION_DAYS; totals and roll-ups stay for ever
  std::chrono::days audit{730};          // AUDIT_RETENTION_DAYS
  std::chrono::days notifications{180};  // NOTIFICATION_RETENTION_DAYS; mails that were given up, too
  std::chrono::days sessions{30};        // SESSION_RETENTION_DAYS, after they ended
  std::chrono::days deleted{90};         // DELETED_RETENTION_DAYS: revoked keys and erased accounts
  std::chrono::days logs{30};            // LOG_RETENTION_DAYS, of this node's files
};

/// How much went.
struct CleanUpReport {
  bool had_lease = false;
  std::int64_t sessions = 0;
  std::int64_t email_tokens = 0;
  std::int64_t keys = 0;
  std::int64_t users = 0;
  std::int64_t notifications = 0;
  std::int64_t devices = 0;
  std::int64_t mails = 0;
  std::int64_t objects = 0;  // of providers: only who made them
  std::int64_t usage = 0;
  std::int64_t audit = 0;
  std::int64_t log_files = 0;

  bool took_anything() const {
    return sessions + email_tokens + keys + users + notifications + devices + mails + objects + usage +
               audit + log_files >
           0;
  }
};

/// One node at a time works on the store, by a lease in it; the log files are each node's own. Every step is
/// a row of small transactions, and may be broken off and done again. Not thread-safe.
class CleanUp {
 public:
  struct Parts {  // all must outlive it
    SessionStore& sessions;
    EmailTokenStore& email_tokens;
    ApiKeyStore& keys;
    UserStore& users;
    NotificationStore& notifications;
    KnownDeviceStore& devices;
    OutboxStore& outbox;
    ProviderObjectStore& objects;
    UsageStore& usage;
    AuditStore& audit_store;
    AuditService& audit;
    JobLeaseStore& leases;
    const Clock& clock;
  };

  /// `holder`: a random word of this process. `log_folder` may be empty: no files are looked at.
  CleanUp(Parts parts, Retention retention, std::string holder, std::filesystem::path log_folder)
      : parts_(parts),
        retention_(retention),
        holder_(std::move(holder)),
        log_folder_(std::move(log_folder)) {}

  /// Leaves between two transactions when `stopping` is true. The store's errors.
  Task<CleanUpReport> run(const std::atomic<bool>& stopping);

 private:
  using Step = std::function<Task<std::int64_t>(WallTime before)>;

  Task<> clean_store(CleanUpReport& report, const std::atomic<bool>& stopping);
  /// Repeats `step` until it finds less than a batch. What is kept for ever is passed over.
  Task<std::int64_t> repeat(Step step, std::chrono::days kept_for, const std::atomic<bool>& stopping);
  Task<bool> hold();
  std::int64_t delete_old_logs() const;

  const Parts parts_;
  const Retention retention_;
  const std::string holder_;
  const std::filesystem::path log_folder_;
};

}  // namespace relay
