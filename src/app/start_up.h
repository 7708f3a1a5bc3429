// What the settings say, made into parts: for the composition root. Each throws std::runtime_error with words
// for the operator.
#pragma once

#include "app/settings.h"
#include "app/stores.h"
#include "base/clock.h"
#include "base/random.h"
#include "delivery/mail_transport.h"
#include "jobs/clean_up.h"
#include "metering/journal_slots.h"
#include "metering/price_table.h"
#include "net/tls.h"
#include "service/audit_service.h"
#include "service/password_service.h"
#include "store/price_store.h"
#include "upstream/account_pool.h"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace relay {

template <class T>
T or_throw(const std::string& what, Result<T> outcome) {
  if (outcome.has_value()) {
    if constexpr (std::is_void_v<T>) {
      return;
    } else {
      return *std::move(outcome);
    }
  }
  const auto& error = outcome.error();
  throw std::runtime_error(what + ": " + error.message() +
                           (error.cause().empty() ? "" : " (" + error.cause() + ")"));
}

std::unique_ptr<Stores> open_migrated(const Settings& settings, const Clock& clock);
std::shared_ptr<const PriceTable> read_prices(PriceStore& prices);

/// For what an operator must look at.
void raise_alarm(std::string_view words);
JournalSettings journal_settings_of(const Settings& settings);
/// A job.
Task<> run_clean_up(CleanUp& clean_up, const std::atomic<bool>& stopping);
/// What other servers of this data folder left behind goes into the store; a job.
Task<> store_left_usage(JournalSlots& slots, UsageStore& store);

std::vector<UpstreamAccount> accounts_of(const Settings& settings);
/// Null without a certificate.
std::unique_ptr<TlsServer> tls_server_of(const Settings& settings);
PlaintextPasswords plaintext_rule(PlaintextPasswordRule rule);
std::unique_ptr<MailTransport> mail_transport_of(const Settings& settings, const Clock& clock);
Retention retention_of(const Settings& settings);

/// So that a trail that was taken away whole shows: a server that has run has one.
Task<> note_start(AuditService& audit);

CleanUp::Parts clean_up_parts(Stores& stores, AuditService& audit, const Clock& clock);
/// For the schedule, which wants no report.
Task<> run_clean_up(CleanUp& clean_up, const std::atomic<bool>& stopping);

}  // namespace relay
