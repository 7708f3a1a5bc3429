#include "jobs/clean_up.h"

#include "observe/log.h"

#include <system_error>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr int kBatch = 500;
constexpr auto kLease = 2min;
constexpr const char* kJob = "clean_up";
constexpr std::chrono::days kObjects{2};    // after they ended at the provider
constexpr std::chrono::days kDevices{400};  // who signs in from one after that is told again

bool is_log_file(const std::filesystem::path& path) {
  const auto name = path.filename().string();
  return name.starts_with("claude-relay-") && name.find(".log") != std::string::npos;
}

}  // namespace

Task<bool> CleanUp::hold() {
  const auto now = parts_.clock.now();
  return parts_.leases.take(kJob, holder_, now, now + kLease);
}

Task<CleanUpReport> CleanUp::run(const std::atomic<bool>& stopping) {
  CleanUpReport report;
  report.log_files = delete_old_logs();
  CO_CHECK(co_await parts_.audit.flush());
  CO_TRY(report.had_lease, co_await hold());
  if (!report.had_lease) co_return report;
  auto outcome = co_await clean_store(report, stopping);
  const auto now = parts_.clock.now();
  CO_TRY(const bool given_back, co_await parts_.leases.take(kJob, holder_, now, now));
  static_cast<void>(given_back);
  if (outcome.has_error()) co_return std::move(outcome).error();
  if (!report.took_anything()) co_return report;
  log_info("jobs", "cleaned up",
           {{"sessions", report.sessions},
            {"email_links", report.email_tokens},
            {"keys", report.keys},
            {"users", report.users},
            {"notifications", report.notifications},
            {"devices", report.devices},
            {"mails", report.mails},
            {"objects", report.objects},
            {"usage", report.usage},
            {"audit", report.audit},
            {"log_files", report.log_files}});
  co_return report;
}

Task<> CleanUp::clean_store(CleanUpReport& report, const std::atomic<bool>& stopping) {
  const auto& parts = parts_;
  CO_CHECK(co_await parts.usage.prepare_months(parts.clock.now()));
  Step sessions = [&parts](WallTime before) { return parts.sessions.delete_ended(before, kBatch); };
  CO_TRY(report.sessions, co_await repeat(std::move(sessions), retention_.sessions, stopping));
  // A dead link is of no use to anybody, and tells who was written to.
  CO_TRY(report.email_tokens, co_await parts_.email_tokens.delete_expired(parts_.clock.now() - 24h));
  Step notifications = [&parts](WallTime before) { return parts.notifications.delete_old(before, kBatch); };
  CO_TRY(report.notifications, co_await repeat(std::move(notifications), retention_.notifications, stopping));
  Step mails = [&parts](WallTime before) { return parts.outbox.delete_given_up(before); };
  CO_TRY(report.mails, co_await repeat(std::move(mails), retention_.notifications, stopping));
  Step devices = [&parts](WallTime before) { return parts.devices.delete_unseen(before); };
  CO_TRY(report.devices, co_await repeat(std::move(devices), kDevices, stopping));
  Step objects = [&parts](WallTime before) { return parts.objects.delete_expired(before, kBatch); };
  CO_TRY(report.objects, co_await repeat(std::move(objects), kObjects, stopping));
  Step keys = [&parts](WallTime before) { return parts.keys.delete_revoked(before, kBatch); };
  CO_TRY(report.keys, co_await repeat(std::move(keys), retention_.deleted, stopping));
  Step users = [&parts](WallTime before) { return parts.users.delete_erased(before, kBatch); };
  CO_TRY(report.users, co_await repeat(std::move(users), retention_.deleted, stopping));
  Step usage = [&parts](WallTime before) { return parts.usage.delete_oldest(before, kBatch); };
  CO_TRY(report.usage, co_await repeat(std::move(usage), retention_.usage, stopping));
  Step audit = [&parts](WallTime before) { return parts.audit_store.trim(before, kBatch); };
  CO_TRY(report.audit, co_await repeat(std::move(audit), retention_.audit, stopping));
  if (report.audit == 0) co_return ok;
  AuditAct act{.action = audit_action::kTrimmed, .actor_kind = AuditActor::relay};
  act.details.emplace_back("entries", std::to_string(report.audit));
  Device nowhere;
  co_return co_await parts_.audit.record(std::move(act), std::move(nowhere));
}

Task<std::int64_t> CleanUp::repeat(Step step, std::chrono::days kept_for, const std::atomic<bool>& stopping) {
  std::int64_t gone = 0;
  if (kept_for.count() == 0) co_return gone;
  while (!stopping) {
    CO_TRY(const bool held, co_await hold());
    if (!held) co_return gone;  // it took so long that another node went on
    CO_TRY(const auto count, co_await step(parts_.clock.now() - kept_for));
    gone += count;
    if (count < kBatch) break;
  }
  co_return gone;
}

// By the file's own time, as the kernel keeps it.
std::int64_t CleanUp::delete_old_logs() const {
  if (log_folder_.empty() || retention_.logs.count() == 0) return 0;
  const auto before = std::chrono::file_clock::from_sys(parts_.clock.now() - retention_.logs);
  std::int64_t gone = 0;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(log_folder_, failure)) {
    if (!is_log_file(entry.path()) || !entry.is_regular_file(failure)) continue;
    const auto written = entry.last_write_time(failure);
    if (failure || written >= before) continue;
    if (std::filesystem::remove(entry.path(), failure)) ++gone;
  }
  return gone;
}

}  // namespace relay
