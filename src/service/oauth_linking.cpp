// Of OAuthService: whose account a foreign identity belongs to.
#include "service/oauth_service.h"

#include "domain/identifier.h"
#include "service/free_username.h"

#include <algorithm>

namespace relay {
namespace {

constexpr std::size_t kDisplayNameBytesMax = 100;

Error email_not_verified() {
  return Error(ErrorKind::forbidden, "email_not_verified",
               "The e-mail address of that account is not verified. Please verify it there first.");
}

}  // namespace

Task<User> OAuthService::user_of(ForeignIdentity foreign, std::string provider, Device device) {
  auto known = co_await parts_.identities.find(foreign.issuer, foreign.subject);
  if (known.has_value()) {
    CO_CHECK(co_await parts_.identities.record_use(known->id, foreign.email, parts_.clock.now()));
    co_return co_await parts_.users.find(known->user_id);
  }
  if (known.error().kind() != ErrorKind::not_found) co_return std::move(known).error();
  auto email = EmailAddress::parse(foreign.email);
  if (!foreign.email_verified || email.has_error()) co_return email_not_verified();
  CO_TRY(auto user, co_await find_or_make(foreign, *email, provider, device));
  CO_CHECK(user.check_active());
  auto act = act_of_user(audit_action::kOauthLinked, user.id);
  act.details.emplace_back("provider", provider);
  if (!user.email_verified) {
    act.details.emplace_back("closed", "every other way in: nobody had shown that the address is theirs");
    CO_TRY(user, co_await take_over(std::move(user)));
  }
  const auto now = parts_.clock.now();
  Identity identity{.id = make_identifier("idn_", now, parts_.random),
                    .user_id = user.id,
                    .provider = std::move(provider),
                    .issuer = std::move(foreign.issuer),
                    .subject = std::move(foreign.subject),
                    .email = email->text(),
                    .created_at = now,
                    .last_used_at = now};
  auto linked = co_await parts_.identities.insert(identity);
  if (linked.has_value()) {
    act.target = identity.id;
    CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(device)));
    co_return user;
  }
  if (linked.error().code() != "identity_taken") co_return std::move(linked).error();
  // By another call meanwhile: whosever it is now.
  CO_TRY(const auto same, co_await parts_.identities.find(identity.issuer, identity.subject));
  co_return co_await parts_.users.find(same.user_id);
}

Task<User> OAuthService::find_or_make(ForeignIdentity foreign, EmailAddress email, std::string provider,
                                      Device device) {
  auto found = co_await parts_.users.find_by_email(email);
  if (found.has_value() || found.error().kind() != ErrorKind::not_found) co_return found;
  auto made = co_await make_user(std::move(foreign), email);
  if (made.has_value()) {
    auto act = act_of_user(audit_action::kRegister, made->id);
    act.details.emplace_back("by", std::move(provider));
    CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(device)));
    co_return made;
  }
  if (made.error().code() != "email_taken") co_return made;
  co_return co_await parts_.users.find_by_email(std::move(email));  // made meanwhile by another call
}

Task<User> OAuthService::make_user(ForeignIdentity foreign, EmailAddress email) {
  const auto& address = email.text();
  const auto wish = foreign.username.empty() ? address.substr(0, address.find('@')) : foreign.username;
  const auto name = Username::from_words(wish);
  const auto now = parts_.clock.now();
  User user{.id = make_identifier("usr_", now, parts_.random),
            .email = email,
            .username = name,
            .display_name = foreign.display_name.empty() ? name.text() : std::move(foreign.display_name),
            .email_verified = true,
            .last_login_at = now,
            .created_at = now,
            .updated_at = now};
  if (user.display_name.size() > kDisplayNameBytesMax) user.display_name = name.text();
  co_return co_await insert_under_free_name(parts_.users, std::move(user));
}

// Whoever made this account never showed that the address is theirs; who signs in now did.
Task<User> OAuthService::take_over(User user) {
  CO_TRY(user, co_await parts_.ways_in.close(user.id));
  CO_CHECK(co_await revoke_keys(user.id));
  UserChanges changes;
  changes.email_verified = true;
  CO_TRY(auto changed, co_await parts_.users.update(user.id, std::move(changes), parts_.clock.now()));
  parts_.invalidation.user_changed(user.id);
  co_return changed;
}

Task<> OAuthService::revoke_keys(std::string user_id) {
  PageRequest page{.cursor = "", .limit = kPageLimitMax};
  for (;;) {
    ApiKeyFilter filter;
    filter.now = parts_.clock.now();
    CO_TRY(auto keys, co_await parts_.keys.list_by_user(user_id, std::move(filter), page));
    for (const auto& key : keys.items) {
      CO_CHECK(co_await parts_.keys.revoke(user_id, key.id, parts_.clock.now()));
    }
    if (keys.next_cursor.empty()) co_return ok;
    page.cursor = std::move(keys.next_cursor);
  }
}

Task<std::vector<Identity>> OAuthService::list(std::string user_id) {
  return parts_.identities.list(std::move(user_id));
}

Task<> OAuthService::unlink(Actor owner, std::string identity_id) {
  const auto user_id = owner.user_id;
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  CO_TRY(const auto links, co_await parts_.identities.list(user_id));
  const bool is_theirs =
      std::ranges::any_of(links, [&](const Identity& link) { return link.id == identity_id; });
  if (is_theirs && links.size() == 1 && user.password_hash.empty()) {
    co_return Error(ErrorKind::conflict, "last_way_in",
                    "This is the only way into your account. Please set a password first.");
  }
  CO_CHECK(co_await parts_.identities.remove(user_id, identity_id));
  auto act = act_of_user(audit_action::kOauthUnlinked, std::move(owner.user_id), std::move(identity_id));
  co_return co_await parts_.audit.record(std::move(act), std::move(owner.device));
}

}  // namespace relay
