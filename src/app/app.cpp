#include "app/app.h"

#include "api/account_routes.h"
#include "api/admin_routes.h"
#include "api/auth_routes.h"
#include "api/documentation_routes.h"
#include "api/email_routes.h"
#include "api/key_routes.h"
#include "api/limit_routes.h"
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
#include "app/readiness.h"
#include "app/relayed_calls.h"
#include "app/run_task.h"
#include "app/scheduled_jobs.h"
#include "app/shared_state.h"
#include "app/start_up.h"
#include "app/stores.h"
#include "app/upstream_parts.h"
#include "app/version.h"
#include "app/workers.h"
#include "crypto/jwt.h"
#include "crypto/sealed_box.h"
#include "delivery/mail_transport.h"
#include "delivery/mail_writer.h"
#include "delivery/outbox.h"
#include "domain/identifier.h"
#include "fetch/curl_fetch.h"
#include "metering/price_refresh.h"
#include "metering/quota_history.h"
#include "metering/usage_writer.h"
#include "net/tls.h"
#include "relay/provider_objects.h"
#include "service/account_service.h"
#include "service/admin_service.h"
#include "service/audit_service.h"
#include "service/auth_service.h"
#include "service/email_service.h"
#include "service/key_service.h"
#include "service/limit_service.h"
#include "service/notification_service.h"
#include "service/oauth_service.h"
#include "service/password_change_service.h"
#include "service/price_service.h"
#include "service/profile_service.h"
#include "service/session_service.h"
#include "service/two_factor_service.h"
#include "store/audit_store.h"
#include "store/price_store.h"
#include "store/usage_store.h"

namespace relay {
// In the order of construction; each takes only earlier ones.
struct App::Parts {
  Parts(Settings given, const Clock& clock_, Random& random_, Handover* handover)
      : settings(std::move(given)),
        clock(clock_),
        random(random_),
        upstream_tls(settings.upstream_ca_file),
        server_tls(tls_server_of(settings)),
        box(settings.encryption_keys),
        audit_chain(settings.encryption_keys),
        signer(settings.jwt_secret),
        crypto_pool(2, 64),
        sync_pool(1, settings.in_flight_max),
        fetch_pool(4, 64),
        blocking_pool(std::max<std::size_t>(settings.threads / 2, 1), 64),
        fetch(fetch_pool,
              {.allow_private = settings.allow_private_upstreams, .ca_file = settings.upstream_ca_file}),
        stores(open_migrated(settings, clock)),
        audit({.store = stores->audit(), .chain = audit_chain, .clock = clock, .random = random}),
        quota_history(stores->usage(), clock),
        shared(open_shared_state(settings, stores->revisions(), quota_history, clock, random)),
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
                       .audit = audit,
                       .clock = clock,
                       .random = random}),
        sessions({.users = stores->users(),
                  .sessions = stores->sessions(),
                  .invalidation = shared->invalidation(),
                  .throttle = shared->throttle(),
                  .notifications = notifications,
                  .audit = audit,
                  .signer = signer,
                  .clock = clock,
                  .random = random}),
        limits({.throttle = shared->throttle(), .tickets = shared->tickets(), .sessions = stores->sessions()},
               settings.auth_limit_per_address),
        passwords(
            {.secrets = stores->secrets(),
             .nonces = shared->nonces(),
             .box = box,
             .crypto_pool = crypto_pool,
             .clock = clock,
             .random = random},
            {.bcrypt_cost = settings.bcrypt_cost, .plaintext = plaintext_rule(settings.plaintext_passwords)}),
        two_factors({.two_factors = stores->two_factors(),
                     .users = stores->users(),
                     .passwords = passwords,
                     .limits = limits,
                     .tickets = shared->tickets(),
                     .throttle = shared->throttle(),
                     .audit = audit,
                     .box = box,
                     .clock = clock,
                     .random = random}),
        auth({.users = stores->users(),
              .passwords = passwords,
              .limits = limits,
              .sessions = sessions,
              .two_factors = two_factors,
              .outbox = outbox,
              .audit = audit,
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
                          .audit = audit,
                          .clock = clock}),
        emails({.users = stores->users(),
                .tokens = stores->email_tokens(),
                .limits = limits,
                .ways_in = ways_in,
                .outbox = outbox,
                .audit = audit,
                .clock = clock}),
        oauth_providers(fetch, clock, settings),
        oauth({.providers = oauth_providers.all(),
               .users = stores->users(),
               .identities = stores->identities(),
               .keys = stores->keys(),
               .ways_in = ways_in,
               .invalidation = shared->invalidation(),
               .auth = auth,
               .limits = limits,
               .tickets = shared->tickets(),
               .audit = audit,
               .clock = clock,
               .random = random},
              {.public_url = settings.public_url, .allowed_origins = settings.allowed_origins}),
        usages({.usage = stores->usage(), .clock = clock}),
        keys({.keys = stores->keys(),
              .users = stores->users(),
              .plans = stores->plans(),
              .usages = usages,
              .audit = audit,
              .notifications = notifications,
              .invalidation = shared->invalidation(),
              .limits = limits,
              .clock = clock,
              .random = random}),
        standing({.keys = stores->keys(),
                  .users = stores->users(),
                  .plans = stores->plans(),
                  .quotas = shared->quotas(),
                  .clock = clock}),
        profiles({.users = stores->users(),
                  .two_factors = stores->two_factors(),
                  .usage = stores->usage(),
                  .tokens = stores->email_tokens(),
                  .notifications = notifications,
                  .audit = audit,
                  .outbox = outbox,
                  .throttle = shared->throttle(),
                  .clock = clock}),
        owners({.users = stores->users(),
                .keys = stores->keys(),
                .sessions = stores->sessions(),
                .notifications = stores->notifications(),
                .plans = stores->plans(),
                .billing = stores->billing(),
                .usage = stores->usage(),
                .identities = stores->identities(),
                .usages = usages,
                .passwords = passwords,
                .limits = limits,
                .audit = audit,
                .invalidation = shared->invalidation(),
                .clock = clock}),
        admin({.users = stores->users(),
               .keys = stores->keys(),
               .plans = stores->plans(),
               .two_factors = stores->two_factors(),
               .sessions = sessions,
               .outbox = outbox,
               .audit = audit,
               .invalidation = shared->invalidation(),
               .clock = clock}),
        prices(read_prices(stores->prices())),
        price_refresh(stores->prices(), prices),
        price_service({.prices = stores->prices(),
                       .refresh = price_refresh,
                       .audit = audit,
                       .invalidation = shared->invalidation(),
                       .clock = clock}),
        notice_job({.keys = stores->keys(),
                    .usage = stores->usage(),
                    .users = stores->users(),
                    .plans = stores->plans(),
                    .notifications = notifications,
                    .clock = clock}),
        budget_notices(budget_watch, notifications),
        clean_up(clean_up_parts(*stores, audit, clock), retention_of(settings),
                 make_identifier("cln_", clock.now(), random), settings.log_dir),
        slots(journal_settings_of(settings), clock, random, raise_alarm),
        schedule(scheduled_jobs({.notices = notice_job,
                                 .budget_notices = budget_notices,
                                 .slots = slots,
                                 .usage = stores->usage(),
                                 .clean_up = clean_up,
                                 .clean_up_interval = settings.clean_up_interval}),
                 clock),
        journal(or_throw("cannot open the usage journal", slots.open())),
        writer({.journal = *journal,
                .store = stores->usage(),
                .clock = clock,
                .random = random,
                .alarm = raise_alarm}),
        objects({.store = stores->provider_objects(), .clock = clock}),
        upstreams({.settings = settings,
                   .trust = upstream_tls,
                   .fetch_pool = fetch_pool,
                   .store = stores->upstream_accounts(),
                   .usage = stores->usage(),
                   .journal = *journal,
                   .box = box,
                   .audit = audit,
                   .invalidation = shared->invalidation(),
                   .clock = clock,
                   .random = random}),
        router(routes(), sessions, {.allowed_origins = settings.allowed_origins}),
        workers({.settings = settings,
                 .server_tls = server_tls.get(),
                 .upstream_tls = upstream_tls,
                 .router = router,
                 .keys = stores->keys(),
                 .generation = generation,
                 .known_keys = known_keys,
                 .rates = shared->rates(),
                 .leases = shared->leases(),
                 .quotas = shared->quotas(),
                 .budget_watch = budget_watch,
                 .accounts = upstreams.accounts,
                 .retries = upstreams.retries,
                 .rests = shared->rests(),
                 .blocking_pool = blocking_pool,
                 .journal = *journal,
                 .sync_pool = settings.journal_sync == JournalSync::group ? &sync_pool : nullptr,
                 .prices = prices,
                 .objects = objects,
                 .handover = handover,
                 .clock = clock,
                 .random = random}) {
    shared->invalidation().subscribe(generation);
    shared->invalidation().subscribe(price_refresh);
    upstreams.accounts.hear_from(shared->rests(), clock);
    shared->invalidation().subscribe(upstreams.refresh);
    shared->start();
    price_refresh.start();
    objects.start();
    or_throw("cannot begin the audit trail", run_task(note_start(audit)));
    or_throw("cannot prepare the sign-in keys", run_task(passwords.prepare()));
    or_throw("cannot begin to store usage", writer.start());
    upstreams.start();
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
    objects.stop();
    price_refresh.stop();
    upstreams.stop();
    schedule.stop();
    outbox.stop();
    sync_pool.stop();
    fetch_pool.stop();
    blocking_pool.stop();
    writer.stop();
    crypto_pool.stop();
    shared->stop();
    stores->stop();
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
    add(limit_routes(standing));
    add(user_routes(profiles));
    add(account_routes({.accounts = owners, .profiles = profiles, .audit = audit}));
    const AdminRouteParts admin_parts{
        .admin = admin, .profiles = profiles, .usages = usages, .audit = audit, .clock = clock};
    add(admin_user_routes(admin_parts));
    add(admin_key_routes(admin_parts));
    add(admin_record_routes(admin_parts));
    add(admin_price_routes(price_service, clock));
    add(admin_account_health_routes(upstreams.accounts, clock));
    add(admin_upstream_account_routes(upstreams.service));
    add(service_routes({.version = kVersion, .check_readiness = [this] {
                          return check_readiness(stores->usage(), *journal, upstreams.accounts,
                                                 upstreams.refresh, audit);
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
  AuditChain audit_chain;
  AccessTokenSigner signer;
  BlockingPool crypto_pool;
  BlockingPool sync_pool;
  BlockingPool fetch_pool;
  BlockingPool blocking_pool;
  CurlFetch fetch;
  std::unique_ptr<Stores> stores;
  AuditService audit;
  StoredQuotaHistory quota_history;
  std::unique_ptr<SharedState> shared;
  SnapshotGeneration generation;
  KnownKeys known_keys;
  std::unique_ptr<MailTransport> mail_transport;
  MailWriter mail_writer;
  Outbox outbox;
  NotificationService notifications;
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
  UsageService usages;
  KeyService keys;
  LimitService standing;
  ProfileService profiles;
  AccountService owners;
  AdminService admin;
  PriceBook prices;
  PriceRefresh price_refresh;
  PriceService price_service;
  NoticeJob notice_job;
  BudgetWatch budget_watch;
  BudgetNoticeJob budget_notices;
  CleanUp clean_up;
  JournalSlots slots;
  Schedule schedule;
  std::unique_ptr<UsageJournal> journal;
  UsageWriter writer;
  ProviderObjects objects;
  UpstreamParts upstreams;
  Router router;
  Workers workers;
};

App::App(Settings settings, const Clock& clock, Random& random, Handover* handover)
    : parts_(std::make_unique<Parts>(std::move(settings), clock, random, handover)) {}

App::~App() = default;

std::uint16_t App::port() const { return parts_->workers.port(); }
Stores& App::stores() { return *parts_->stores; }
KeyService& App::keys() { return parts_->keys; }
void App::run() { parts_->workers.run(); }
void App::stop() { parts_->workers.request_stop(); }

}  // namespace relay
