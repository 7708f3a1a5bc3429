#include "app/app.h"

#include "api/auth_routes.h"
#include "api/documentation_routes.h"
#include "api/email_routes.h"
#include "api/key_routes.h"
#include "api/link_routes.h"
#include "api/notification_routes.h"
#include "api/oauth_routes.h"
#include "api/password_change_routes.h"
#include "api/openapi.h"
#include "api/router.h"
#include "api/service_routes.h"
#include "api/session_routes.h"
#include "api/two_factor_routes.h"
#include "api/user_routes.h"
#include "app/oauth_providers.h"
#include "app/relayed_calls.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "app/version.h"
#include "app/workers.h"
#include "coordination/memory/memory_invalidation.h"
#include "coordination/memory/memory_leases.h"
#include "coordination/memory/memory_nonce_store.h"
#include "coordination/memory/memory_rate_window.h"
#include "coordination/memory/memory_throttle.h"
#include "coordination/memory/memory_ticket_store.h"
#include "crypto/jwt.h"
#include "crypto/sealed_box.h"
#include "delivery/mail_transport.h"
#include "delivery/mail_writer.h"
#include "delivery/outbox.h"
#include "fetch/curl_fetch.h"
#include "jobs/notice_job.h"
#include "jobs/schedule.h"
#include "metering/usage_writer.h"
#include "net/tls.h"
#include "observe/log.h"
#include "service/auth_service.h"
#include "service/email_service.h"
#include "service/key_service.h"
#include "service/notification_service.h"
#include "service/oauth_service.h"
#include "service/password_change_service.h"
#include "service/profile_service.h"
#include "service/session_service.h"
#include "service/two_factor_service.h"
#include "store/price_store.h"
#include "store/usage_store.h"
#include "upstream/account_pool.h"

#include <stdexcept>

namespace relay {
namespace {

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

std::unique_ptr<UsageJournal> open_journal(const Settings& settings, const Clock& clock, Random& random) {
  JournalSettings journal;
  journal.folder = settings.journal_path();
  journal.bytes_max = static_cast<std::int64_t>(settings.journal_bytes_max);
  return or_throw("cannot open the usage journal",
                  UsageJournal::open(std::move(journal), clock, random, raise_alarm));
}

std::vector<UpstreamAccount> accounts_of(const Settings& settings) {
  std::vector<UpstreamAccount> accounts;
  const auto add = [&accounts](const char* id, Provider provider, const std::string& url,
                               const std::string& key, const char* setting) {
    if (key.empty()) return;
    accounts.push_back(or_throw(setting, UpstreamAccount::from_settings(id, provider, url, key, setting)));
  };
  add("env_anthropic", Provider::anthropic, settings.anthropic_base_url, settings.anthropic_api_key,
      "ANTHROPIC_BASE_URL");
  add("env_openai", Provider::openai, settings.openai_base_url, settings.openai_api_key, "OPENAI_BASE_URL");
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

Awaitable<std::vector<ReadinessCheck>> check_readiness(UsageStore& usage, const UsageJournal& journal,
                                                       const AccountPool& accounts) {
  auto stored = co_await usage.last_sequence(journal.node_id());
  std::vector<ReadinessCheck> checks;
  checks.push_back({"store", stored.has_value(), stored.has_value() ? "" : "not available"});
  checks.push_back({"journal", journal.accepting(), journal.accepting() ? "" : "full"});
  checks.push_back(
      {"upstreams", !accounts.accounts().empty(), accounts.accounts().empty() ? "none configured" : ""});
  co_return checks;
}

}  // namespace

// In the order of construction; each takes only earlier ones.
struct App::Parts {
  Parts(Settings given, const Clock& clock_, Random& random_)
      : settings(std::move(given)),
        clock(clock_),
        random(random_),
        upstream_tls(settings.upstream_ca_file),
        server_tls(tls_server_of(settings)),
        box(settings.encryption_keys),
        signer(settings.jwt_secret),
        crypto_pool(2, 64),
        sync_pool(1, settings.in_flight_max),
        fetch_pool(4, 64),
        fetch(fetch_pool,
              {.allow_private = settings.allow_private_upstreams, .ca_file = settings.upstream_ca_file}),
        stores(open_migrated(settings, clock)),
        nonces(clock),
        throttle(clock),
        tickets(clock),
        mail_transport(mail_transport_of(settings, clock)),
        mail_writer(
            {.users = stores->users(), .tokens = stores->email_tokens(), .clock = clock, .random = random}),
        outbox({.store = stores->outbox(),
                .writer = mail_writer,
                .transport = *mail_transport,
                .clock = clock,
                .random = random}),
        notifications({.users = stores->users(),
                       .notifications = stores->notifications(),
                       .devices = stores->devices(),
                       .outbox = outbox,
                       .clock = clock,
                       .random = random}),
        sessions({.users = stores->users(),
                  .sessions = stores->sessions(),
                  .invalidation = invalidation,
                  .throttle = throttle,
                  .notifications = notifications,
                  .signer = signer,
                  .clock = clock,
                  .random = random}),
        limits({.throttle = throttle, .tickets = tickets, .sessions = stores->sessions()},
               settings.auth_limit_per_address),
        passwords(
            {.secrets = stores->secrets(),
             .nonces = nonces,
             .box = box,
             .crypto_pool = crypto_pool,
             .clock = clock,
             .random = random},
            {.bcrypt_cost = settings.bcrypt_cost, .plaintext = plaintext_rule(settings.plaintext_passwords)}),
        two_factors({.two_factors = stores->two_factors(),
                     .users = stores->users(),
                     .passwords = passwords,
                     .limits = limits,
                     .tickets = tickets,
                     .throttle = throttle,
                     .box = box,
                     .clock = clock,
                     .random = random}),
        auth({.users = stores->users(),
              .passwords = passwords,
              .limits = limits,
              .sessions = sessions,
              .two_factors = two_factors,
              .outbox = outbox,
              .clock = clock,
              .random = random}),
        ways_in({.users = stores->users(),
                 .identities = stores->identities(),
                 .two_factors = stores->two_factors(),
                 .sessions = sessions,
                 .clock = clock}),
        password_changes({.users = stores->users(),
                          .tokens = stores->email_tokens(),
                          .passwords = passwords,
                          .limits = limits,
                          .sessions = sessions,
                          .ways_in = ways_in,
                          .notifications = notifications,
                          .outbox = outbox,
                          .throttle = throttle,
                          .clock = clock}),
        emails({.users = stores->users(),
                .tokens = stores->email_tokens(),
                .limits = limits,
                .ways_in = ways_in,
                .outbox = outbox,
                .throttle = throttle,
                .clock = clock}),
        oauth_providers(fetch, clock, settings),
        oauth({.providers = oauth_providers.all(),
               .users = stores->users(),
               .identities = stores->identities(),
               .keys = stores->keys(),
               .ways_in = ways_in,
               .invalidation = invalidation,
               .auth = auth,
               .limits = limits,
               .tickets = tickets,
               .clock = clock,
               .random = random},
              {.public_url = settings.public_url, .allowed_origins = settings.allowed_origins}),
        keys({.keys = stores->keys(),
              .users = stores->users(),
              .plans = stores->plans(),
              .usage = stores->usage(),
              .notifications = notifications,
              .invalidation = invalidation,
              .limits = limits,
              .clock = clock,
              .random = random}),
        profiles({.users = stores->users(),
                  .two_factors = stores->two_factors(),
                  .usage = stores->usage(),
                  .tokens = stores->email_tokens(),
                  .notifications = notifications,
                  .outbox = outbox,
                  .throttle = throttle,
                  .clock = clock}),
        notice_job({.keys = stores->keys(),
                    .usage = stores->usage(),
                    .users = stores->users(),
                    .plans = stores->plans(),
                    .notifications = notifications,
                    .clock = clock}),
        schedule(jobs(), clock),
        journal(open_journal(settings, clock, random)),
        writer({.journal = *journal,
                .store = stores->usage(),
                .clock = clock,
                .random = random,
                .alarm = raise_alarm}),
        prices(read_prices(stores->prices())),
        accounts(accounts_of(settings)),
        router(routes(), sessions, {.allowed_origins = settings.allowed_origins}),
        workers({.settings = settings,
                 .server_tls = server_tls.get(),
                 .upstream_tls = upstream_tls,
                 .router = router,
                 .keys = stores->keys(),
                 .generation = generation,
                 .rates = rates,
                 .leases = leases,
                 .accounts = accounts,
                 .journal = *journal,
                 .sync_pool = settings.journal_sync == JournalSync::group ? &sync_pool : nullptr,
                 .prices = prices,
                 .clock = clock,
                 .random = random}) {
    invalidation.subscribe(generation);
    or_throw("cannot prepare the sign-in keys", run_task(passwords.prepare()));
    or_throw("cannot begin to store usage", writer.start());
    workers.listen();
    const auto url = settings.url(workers.port());
    mail_writer.set_public_url(url);
    oauth.serve_at(url);
    outbox.start();
    schedule.start();
  }

  // What still runs comes home before its loop goes; what is in the journal goes into the store.
  ~Parts() {
    workers.stop();
    schedule.stop();
    outbox.stop();
    sync_pool.stop();
    fetch_pool.stop();
    writer.stop();
    crypto_pool.stop();
    stores->stop();
  }

  std::vector<Job> jobs() {
    std::vector<Job> all;
    all.push_back({.name = "keys that expire soon",
                   .every = std::chrono::hours(1),
                   .run = [this](const std::atomic<bool>& stop) { return notice_job.look_at_keys(stop); }});
    all.push_back({.name = "limits that are nearly used",
                   .every = std::chrono::minutes(5),
                   .run = [this](const std::atomic<bool>& stop) { return notice_job.look_at_limits(stop); }});
    return all;
  }

  std::vector<Route> routes() {
    std::vector<Route> all;
    const auto add = [&all](std::vector<Route> more) {
      for (auto& route : more) all.push_back(std::move(route));
    };
    add(auth_routes({.auth = auth, .sessions = sessions, .profiles = profiles}));
    add(two_factor_routes({.two_factors = two_factors, .auth = auth, .profiles = profiles}));
    add(oauth_routes(oauth, profiles));
    add(password_change_routes(password_changes));
    add(session_routes(sessions));
    add(email_routes(emails));
    add(notification_routes(notifications));
    add(key_routes(keys, clock));
    add(user_routes(profiles));
    add(service_routes({.version = kVersion, .check_readiness = [this] {
                          return check_readiness(stores->usage(), *journal, accounts);
                        }}));
    add(link_routes());
    return with_documentation(std::move(all), relayed_calls(), kVersion);
  }

  const Settings settings;
  const Clock& clock;
  Random& random;
  TlsClient upstream_tls;
  std::unique_ptr<TlsServer> server_tls;
  SealedBox box;
  AccessTokenSigner signer;
  BlockingPool crypto_pool;
  BlockingPool sync_pool;
  BlockingPool fetch_pool;
  CurlFetch fetch;
  std::unique_ptr<Stores> stores;
  MemoryInvalidation invalidation;
  SnapshotGeneration generation;
  MemoryNonceStore nonces;
  MemoryThrottle throttle;
  MemoryTicketStore tickets;
  std::unique_ptr<MailTransport> mail_transport;
  MailWriter mail_writer;
  Outbox outbox;
  NotificationService notifications;
  MemoryRateWindow rates;
  MemoryLeases leases;
  SessionService sessions;
  AuthLimits limits;
  PasswordService passwords;
  TwoFactorService two_factors;
  AuthService auth;
  WaysIn ways_in;
  PasswordChangeService password_changes;
  EmailService emails;
  OAuthProviders oauth_providers;
  OAuthService oauth;
  KeyService keys;
  ProfileService profiles;
  NoticeJob notice_job;
  Schedule schedule;
  std::unique_ptr<UsageJournal> journal;
  UsageWriter writer;
  PriceBook prices;
  AccountPool accounts;
  Router router;
  Workers workers;
};

App::App(Settings settings, const Clock& clock, Random& random)
    : parts_(std::make_unique<Parts>(std::move(settings), clock, random)) {}

App::~App() = default;

std::uint16_t App::port() const { return parts_->workers.port(); }
Stores& App::stores() { return *parts_->stores; }
KeyService& App::keys() { return parts_->keys; }
void App::run() { parts_->workers.run(); }
void App::stop() { parts_->workers.request_stop(); }

}  // namespace relay
