// Every service on a fresh store, with a clock that stands still and randomness that repeats.
#pragma once

#include "coordination/invalidation.h"
#include "coordination/memory/memory_nonce_store.h"
#include "coordination/memory/memory_throttle.h"
#include "coordination/memory/memory_ticket_store.h"
#include "fakes/await.h"
#include "fakes/fixed_clock.h"
#include "fakes/mailbox.h"
#include "fakes/seeded_random.h"
#include "service/account_service.h"
#include "service/admin_service.h"
#include "service/audit_service.h"
#include "service/auth_service.h"
#include "service/email_service.h"
#include "service/key_service.h"
#include "service/notification_service.h"
#include "service/password_change_service.h"
#include "service/price_service.h"
#include "service/profile_service.h"
#include "service/session_service.h"
#include "service/two_factor_service.h"
#include "store/store_under_test.h"
#include "text/base64.h"

#include <gtest/gtest.h>

namespace relay::test {

/// Remembers what it was told.
class ListenerFake final : public Invalidation::Listener {
 public:
  void key_changed(const ApiKeyHash& hash) override { keys.push_back(hash); }
  void session_ended(const std::string& id) override { sessions.push_back(id); }
  void user_changed(const std::string& id) override { users.push_back(id); }
  void plan_changed(const std::string& id) override { plans.push_back(id); }
  void prices_changed() override { ++prices; }
  int prices = 0;
  std::vector<ApiKeyHash> keys;
  std::vector<std::string> sessions, users, plans;
};

class ServicesUnderTest {
 public:
  ServicesUnderTest() { invalidation.subscribe(listener); }

  static Device here() {
    return {.address = "127.0.0.1", .user_agent = "test", .is_tls = false, .is_loopback_peer = true};
  }
  static Device away(const std::string& address) {
    return {.address = address, .user_agent = "test", .is_tls = true, .is_loopback_peer = false};
  }
  static Actor as(const std::string& user_id) { return {.user_id = user_id, .device = here()}; }
  static PasswordFields plain(const std::string& password) {
    PasswordFields fields;
    fields.plain = password;
    return fields;
  }

  /// Encrypted as a browser does it, for a nonce of its own.
  PasswordFields encrypted(const std::string& password) {
    const auto key = await(auth.sign_in_key(here())).value();
    PasswordFields fields;
    fields.nonce = key.nonce;
    fields.encrypted = encrypt(password);
    return fields;
  }
  std::string encrypt(const std::string& text) {
    const auto pem =
        box.open(await(store->secrets().find("sign_in_key_pair")).value(), "sign_in_key_pair").value();
    return to_base64(RsaKeyPair::from_private_pem(pem)->encrypt(text).value());
  }

  Task<SignedInUser> register_user(const std::string& name, PasswordFields fields, Device device = here()) {
    Registration registration{
        .email = name + "@example.com", .username = name, .passwords = std::move(fields)};
    return auth.register_user(std::move(registration), std::move(device));
  }
  SignedInUser a_user(const std::string& name) {
    return await(register_user(name, plain(kPassword))).value();
  }

  /// Sends what is due; what arrived by it, oldest first.
  std::vector<WrittenMail> arrived() {
    mailbox.clear();
    while (outbox.send_due().value() > 0) {
    }
    return mailbox.mails();
  }
  /// Mails of one millisecond leave in any order.
  static WrittenMail with_link(const std::vector<WrittenMail>& mails, std::string_view page) {
    for (const auto& mail : mails) {
      if (mail.link.find(page) != std::string::npos) return mail;
    }
    ADD_FAILURE() << "no mail with a link to " << page;
    return {};
  }

  static constexpr const char* kPassword = "zk3vraq pluto";
  static constexpr int kCheapBcrypt = kBcryptCostMin;

  FixedClock clock;
  SeededRandom random;
  std::unique_ptr<StoreUnderTest> store = store_makers().front().make();
  MemoryNonceStore nonces{clock};
  MemoryThrottle throttle{clock};
  MemoryTicketStore tickets{clock};
  Invalidation invalidation;
  ListenerFake listener;
  AccessTokenSigner signer{"a secret of thirty-two bytes long"};
  SealedBox box{{"another secret of thirty-two bytes"}};
  BlockingPool crypto_pool{2, 64};
  Mailbox mailbox;
  MailWriter mail_writer{
      {.users = store->users(), .tokens = store->email_tokens(), .clock = clock, .random = random}};
  Outbox outbox{{.store = store->outbox(),
                 .writer = mail_writer,
                 .transport = mailbox,
                 .clock = clock,
                 .random = random}};
  AuditChain audit_chain{{kAuditSecret}};  // as the store's maker has it
  AuditService audit{{.store = store->audit(), .chain = audit_chain, .clock = clock, .random = random}};
  NotificationService notifications{{.users = store->users(),
                                     .notifications = store->notifications(),
                                     .devices = store->devices(),
                                     .outbox = outbox,
                                     .audit = audit,
                                     .clock = clock,
                                     .random = random}};
  SessionService sessions{{.users = store->users(),
                           .sessions = store->sessions(),
                           .invalidation = invalidation,
                           .throttle = throttle,
                           .notifications = notifications,
                           .audit = audit,
                           .signer = signer,
                           .clock = clock,
                           .random = random}};
  AuthLimits limits{{.throttle = throttle, .tickets = tickets, .sessions = store->sessions()}, 30};
  PasswordService passwords{{.secrets = store->secrets(),
                             .nonces = nonces,
                             .box = box,
                             .crypto_pool = crypto_pool,
                             .clock = clock,
                             .random = random},
                            {.bcrypt_cost = kCheapBcrypt}};
  TwoFactorService two_factors{{.two_factors = store->two_factors(),
                                .users = store->users(),
                                .passwords = passwords,
                                .limits = limits,
                                .tickets = tickets,
                                .throttle = throttle,
                                .audit = audit,
                                .box = box,
                                .clock = clock,
                                .random = random}};
  AuthService auth{{.users = store->users(),
                    .passwords = passwords,
                    .limits = limits,
                    .sessions = sessions,
                    .two_factors = two_factors,
                    .outbox = outbox,
                    .audit = audit,
                    .clock = clock,
                    .random = random}};
  WaysIn ways_in{{.users = store->users(),
                  .identities = store->identities(),
                  .two_factors = store->two_factors(),
                  .sessions = sessions,
                  .clock = clock}};
  PasswordChangeService password_changes{{.users = store->users(),
                                          .tokens = store->email_tokens(),
                                          .passwords = passwords,
                                          .limits = limits,
                                          .sessions = sessions,
                                          .ways_in = ways_in,
                                          .notifications = notifications,
                                          .outbox = outbox,
                                          .audit = audit,
                                          .clock = clock}};
  EmailService emails{{.users = store->users(),
                       .tokens = store->email_tokens(),
                       .limits = limits,
                       .ways_in = ways_in,
                       .outbox = outbox,
                       .audit = audit,
                       .clock = clock}};
  UsageService usages{{.usage = store->usage(), .clock = clock}};
  KeyService keys{{.keys = store->keys(),
                   .users = store->users(),
                   .plans = store->plans(),
                   .usages = usages,
                   .audit = audit,
                   .notifications = notifications,
                   .invalidation = invalidation,
                   .limits = limits,
                   .clock = clock,
                   .random = random}};
  ProfileService profiles{{.users = store->users(),
                           .two_factors = store->two_factors(),
                           .usage = store->usage(),
                           .tokens = store->email_tokens(),
                           .notifications = notifications,
                           .audit = audit,
                           .outbox = outbox,
                           .throttle = throttle,
                           .clock = clock}};
  AccountService accounts{{.users = store->users(),
                           .keys = store->keys(),
                           .sessions = store->sessions(),
                           .notifications = store->notifications(),
                           .plans = store->plans(),
                           .billing = store->billing(),
                           .usage = store->usage(),
                           .identities = store->identities(),
                           .usages = usages,
                           .passwords = passwords,
                           .limits = limits,
                           .audit = audit,
                           .invalidation = invalidation,
                           .clock = clock}};
  AdminService admin{{.users = store->users(),
                      .keys = store->keys(),
                      .plans = store->plans(),
                      .two_factors = store->two_factors(),
                      .sessions = sessions,
                      .outbox = outbox,
                      .audit = audit,
                      .invalidation = invalidation,
                      .clock = clock}};
  PriceBook price_book{std::make_shared<const PriceTable>(std::vector<ModelPrice>())};
  PriceRefresh price_refresh{store->prices(), price_book};
  PriceService prices{{.prices = store->prices(),
                       .refresh = price_refresh,
                       .audit = audit,
                       .invalidation = invalidation,
                       .clock = clock}};
};

/// The code of the error; "passed" when there was none.
template <class T>
std::string refusal(const Result<T>& result) {
  return result.has_error() ? std::string(result.error().code()) : "passed";
}

}  // namespace relay::test
