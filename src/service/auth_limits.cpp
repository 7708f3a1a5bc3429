#include "service/auth_limits.h"

#include <algorithm>
#include <string_view>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kOwnerStays = 24h;
constexpr ThrottleRule kMailsToOne{.attempts = 3, .window = 15min};

std::string_view name_of(AuthAction action) {
  switch (action) {
    case AuthAction::public_key:
      return "key";
    case AuthAction::login:
      return "login";
    case AuthAction::registration:
      return "register";
    case AuthAction::refresh:
      return "refresh";
    case AuthAction::verify_email:
      return "verify-email";
    case AuthAction::resend_verification:
      return "resend";
    case AuthAction::forgot_password:
      return "forgot";
    case AuthAction::reset_password:
      return "reset";
    case AuthAction::confirm_password:
      return "confirm";
    case AuthAction::second_factor:
      return "second-factor";
    case AuthAction::oauth:
      return "oauth";
    case AuthAction::verify_key:
      return "verify-key";
  }
  return "other";
}

struct Rules {
  ThrottleRule pair;
  ThrottleRule account;
};

Rules rules_of(AuthAction action, std::int64_t per_address) {
  const auto third = std::max<std::int64_t>(1, per_address / 3);
  switch (action) {
    case AuthAction::second_factor:
      // Six digits, of which three are right at a time: 10 tries in 15 minutes, and ever fewer, are a guess
      // in ten thousand a day.
      return {.pair = {.attempts = third, .window = 5min, .longest = 1h},
              .account = {.attempts = third, .window = 15min, .longest = 4h}};
    case AuthAction::forgot_password:
    case AuthAction::resend_verification:
      // Each is a mail to somebody.
      return {.pair = {.attempts = third, .window = 5min, .longest = 15min},
              .account = {.attempts = third, .window = 15min, .longest = 1h}};
    default:
      return {.pair = {.attempts = third, .window = 1min, .longest = 15min},
              .account = {.attempts = per_address * 2, .window = 5min, .longest = 30min}};
  }
}

std::string pair_name(AuthAction action, const std::string& account, const std::string& address) {
  return "pair:" + std::string(name_of(action)) + ":" + account + ":" + throttle_name(address);
}

std::string owner_name(const std::string& account, const std::string& place) {
  return "owner:" + account + ":" + place;
}

}  // namespace

Task<> AuthLimits::count(AuthAction action, Device device) {
  const ThrottleRule rule{.attempts = attempts_per_address_, .window = 1min};
  return parts_.throttle.attempt(
      "address:" + std::string(name_of(action)) + ":" + throttle_name(device.address), rule);
}

Task<> AuthLimits::count(AuthAction action, Device device, std::string account) {
  const auto rules = rules_of(action, attempts_per_address_);
  CO_CHECK(co_await count(action, device));
  CO_CHECK(co_await parts_.throttle.attempt(pair_name(action, account, device.address), rules.pair));
  auto counted = co_await parts_.throttle.attempt("account:" + std::string(name_of(action)) + ":" + account,
                                                  rules.account);
  if (counted.has_value() || counted.error().kind() != ErrorKind::too_many_requests) co_return counted;
  auto refusal = std::move(counted).error();
  co_return co_await pass_known_address(std::move(account), std::move(device.address), std::move(refusal));
}

Task<> AuthLimits::pass_known_address(std::string account, std::string address, Error refusal) {
  const auto here = throttle_name(address);
  const auto shown = co_await parts_.tickets.find(owner_name(account, here));
  if (shown.has_value()) co_return ok;
  CO_TRY(const auto known,
         co_await parts_.sessions.addresses_of(EmailAddress::from_store(std::move(account))));
  const bool is_known =
      std::ranges::any_of(known, [&](const auto& each) { return throttle_name(each) == here; });
  if (!is_known) co_return refusal;
  co_return ok;
}

Task<bool> AuthLimits::may_mail(AuthAction action, std::string account) {
  auto counted =
      co_await parts_.throttle.attempt("mail:" + std::string(name_of(action)) + ":" + account, kMailsToOne);
  if (counted.has_value()) co_return true;
  if (counted.error().kind() == ErrorKind::too_many_requests) co_return false;
  co_return std::move(counted).error();
}

Task<> AuthLimits::owner_is_at(Device device, std::string account) {
  return parts_.tickets.put(owner_name(account, throttle_name(device.address)), "", kOwnerStays);
}

Task<> AuthLimits::succeeded(AuthAction action, Device device, std::string account) {
  return parts_.throttle.forget(pair_name(action, account, device.address));
}

}  // namespace relay
