#include "app/start_up.h"

#include "app/run_task.h"
#include "app/version.h"
#include "observe/log.h"

namespace relay {

std::unique_ptr<Stores> open_migrated(const Settings& settings, const Clock& clock) {
  auto stores = open_stores(settings);
  const auto applied =
      or_throw("cannot migrate the store", run_task(stores->migrate(clock.now(), std::nullopt)));
  if (!applied.empty())
    log_info("app", "the store was migrated", {{"migrations", applied.size()}, {"to", applied.back()}});
  return stores;
}

std::shared_ptr<const PriceTable> read_prices(PriceStore& prices) {
  return std::make_shared<const PriceTable>(or_throw("cannot read the prices", run_task(prices.list())));
}

void raise_alarm(std::string_view words) { log_error("metering", words); }

JournalSettings journal_settings_of(const Settings& settings) {
  JournalSettings journal;
  journal.folder = settings.journal_path();
  journal.bytes_max = static_cast<std::int64_t>(settings.journal_bytes_max);
  return journal;
}

Task<> run_clean_up(CleanUp& clean_up, const std::atomic<bool>& stopping) {
  CO_TRY(const auto report, co_await clean_up.run(stopping));
  static_cast<void>(report);
  co_return ok;
}

Task<> store_left_usage(JournalSlots& slots, UsageStore& store) {
  CO_TRY(const auto records, slots.store_left(store));
  if (records > 0) log_info("metering", "stored what another server had left", {{"records", records}});
  co_return ok;
}

std::vector<UpstreamAccount> accounts_of(const Settings& settings) {
  std::vector<UpstreamAccount> accounts;
  const auto add = [&accounts, &settings](const char* id, Provider provider, const std::string& url,
                                          const std::string& key, const char* setting,
                                          const ModelPatterns& models) {
    if (key.empty()) return;
    accounts.push_back(or_throw(setting, UpstreamAccount::from_settings(id, provider, url, key, setting)));
    accounts.back().models = models;
    if (provider != Provider::openai) return;
    accounts.back().translated_to = settings.openai_dialect;
    accounts.back().streams_usage = settings.openai_stream_usage;
  };
  add("env_anthropic", Provider::anthropic, settings.anthropic_base_url, settings.anthropic_api_key,
      "ANTHROPIC_BASE_URL", settings.anthropic_models);
  add("env_openai", Provider::openai, settings.openai_base_url, settings.openai_api_key, "OPENAI_BASE_URL",
      settings.openai_models);
  return accounts;
}

std::unique_ptr<TlsServer> tls_server_of(const Settings& settings) {
  if (settings.tls_certificate_file.empty()) return nullptr;
  return std::make_unique<TlsServer>(settings.tls_certificate_file, settings.tls_key_file);
}

PlaintextPasswords plaintext_rule(PlaintextPasswordRule rule) {
  switch (rule) {
    case PlaintextPasswordRule::always:
      return PlaintextPasswords::always;
    case PlaintextPasswordRule::never:
      return PlaintextPasswords::never;
    case PlaintextPasswordRule::automatic:
      break;
  }
  return PlaintextPasswords::automatic;
}

std::unique_ptr<MailTransport> mail_transport_of(const Settings& settings, const Clock& clock) {
  if (settings.has_mail_server()) {
    return std::make_unique<SmtpTransport>(settings.smtp, settings.mail_sender, clock);
  }
  const bool shows_links = settings.environment != RelayEnvironment::production;
  log_warning("app", shows_links ? "SMTP_URL is not set: mail goes to the log, with its links"
                                 : "SMTP_URL is not set: no mail is sent");
  return std::make_unique<LogTransport>(shows_links);
}

Retention retention_of(const Settings& settings) {
  using std::chrono::days;
  return {.usage = days(settings.usage_retention_days),
          .audit = days(settings.audit_retention_days),
          .notifications = days(settings.notification_retention_days),
          .sessions = days(settings.session_retention_days),
          .deleted = days(settings.deleted_retention_days),
          .logs = days(settings.log_retention_days)};
}

Task<> note_start(AuditService& audit) {
  AuditAct act{.action = audit_action::kStarted, .actor_kind = AuditActor::relay};
  act.details.emplace_back("version", kVersion);
  Device nowhere;
  co_return co_await audit.record(std::move(act), std::move(nowhere));
}

CleanUp::Parts clean_up_parts(Stores& stores, AuditService& audit, const Clock& clock) {
  return {.sessions = stores.sessions(),
          .email_tokens = stores.email_tokens(),
          .keys = stores.keys(),
          .users = stores.users(),
          .notifications = stores.notifications(),
          .devices = stores.devices(),
          .outbox = stores.outbox(),
          .objects = stores.provider_objects(),
          .usage = stores.usage(),
          .audit_store = stores.audit(),
          .audit = audit,
          .leases = stores.job_leases(),
          .clock = clock};
}

}  // namespace relay
