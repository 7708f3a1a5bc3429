#include "upstream/rest_rules.h"

#include "http/header_rules.h"
#include "http/message.h"
#include "text/http_date.h"
#include "text/rfc3339.h"
#include "upstream/draw.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace relay {
namespace {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kSaidLeast = 1s;
constexpr Milliseconds kSaidMost = 1h;

struct Rule {
  RestReason reason;
  std::string_view word;
  Milliseconds first;
  Milliseconds most;
  bool of_account;
};
constexpr std::array kRules{
    Rule{RestReason::rate_limited, "rate_limited", 5s, 60s, false},
    Rule{RestReason::overloaded, "overloaded", 2s, 60s, false},
    Rule{RestReason::server_errors, "server_errors", 5s, 60s, false},
    Rule{RestReason::forbidden, "forbidden", 60s, 30min, false},
    Rule{RestReason::unauthorized, "unauthorized", 5min, 1h, true},
    Rule{RestReason::billing, "billing", 5min, 1h, true},
    Rule{RestReason::unreachable, "unreachable", 2s, 60s, true},
    Rule{RestReason::timed_out, "timed_out", 10s, 5min, true},
};

const Rule& rule_of(RestReason reason) { return *std::ranges::find(kRules, reason, &Rule::reason); }

std::optional<double> number_at_start(std::string_view& text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || !(number >= 0 && number < 1e11)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

Milliseconds milliseconds_of(double seconds) {
  return Milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

// "1s", "6m0s", "20ms", "1h2m3s": as Go writes a duration. A plain number is seconds.
std::optional<Milliseconds> go_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  while (!text.empty()) {
    const auto number = number_at_start(text);
    if (!number) return std::nullopt;
    const auto unit = text.substr(0, std::min(text.find_first_of("0123456789."), text.size()));
    text.remove_prefix(unit.size());
    if (unit == "h")
      seconds += *number * 3600;
    else if (unit == "m")
      seconds += *number * 60;
    else if (unit == "s" || unit.empty())
      seconds += *number;
    else if (unit == "ms")
      seconds += *number / 1e3;
    else if (unit == "us" || unit == "\xc2\xb5s" || unit == "ns")
      seconds += 0;
    else
      return std::nullopt;
  }
  if (seconds > 1e8) return std::nullopt;
  return milliseconds_of(seconds);
}

std::optional<Milliseconds> until(std::string_view text, WallTime now) {
  if (const auto at = parse_rfc3339(text)) return std::max(*at - now, Milliseconds(0));
  // anthropic-ratelimit-unified-reset: seconds since 1970.
  auto rest = text;
  const auto seconds = number_at_start(rest);
  if (!seconds || !rest.empty()) return std::nullopt;
  return std::max(Milliseconds(static_cast<std::int64_t>(*seconds) * 1000) - now.time_since_epoch(),
                  Milliseconds(0));
}

// Of the limits that have nothing left the one that comes back last, else the one that comes back first.
struct Resets {
  std::optional<Milliseconds> used_up, others;
  void add(std::optional<Milliseconds> wait, std::string_view left) {
    if (!wait) return;
    if (left == "0") {
      used_up = std::max(*wait, used_up.value_or(Milliseconds(0)));
    } else {
      others = std::min(*wait, others.value_or(Milliseconds::max()));
    }
  }
  std::optional<Milliseconds> wait() const { return used_up ? used_up : others; }
};

std::optional<Milliseconds> wait_said(const ParsedHead& head, WallTime now) {
  auto text = head.value("retry-after-ms");
  if (const auto number = number_at_start(text); number && text.empty())
    return milliseconds_of(*number / 1000);
  text = head.value(KnownField::retry_after);
  if (const auto number = number_at_start(text); number && text.empty()) return milliseconds_of(*number);
  if (const auto at = parse_http_date(text)) return std::max(*at - now, Milliseconds(0));
  Resets resets;
  for (const std::string kind : {"requests", "tokens", "input-tokens", "output-tokens", "unified"}) {
    const auto name = "anthropic-ratelimit-" + kind;
    resets.add(until(head.value(name + "-reset"), now), head.value(name + "-remaining"));
  }
  for (const std::string kind : {"requests", "tokens"}) {
    resets.add(go_duration(head.value("x-ratelimit-reset-" + kind)),
               head.value("x-ratelimit-remaining-" + kind));
  }
  return resets.wait();
}

}  // namespace

std::string_view to_string(RestReason reason) { return rule_of(reason).word; }

std::optional<RestReason> parse_rest_reason(std::string_view word) {
  const auto found = std::ranges::find(kRules, word, &Rule::word);
  return found == kRules.end() ? std::nullopt : std::optional(found->reason);
}

bool is_of_account(RestReason reason) { return rule_of(reason).of_account; }

AttemptSign sign_of(const ParsedHead& head, WallTime now) {
  const int status = head.status();
  if (status < 400) return AttemptSign::success();
  AttemptSign sign;
  sign.kind = AttemptSign::Kind::failure;
  switch (status) {
    case 401:
      sign.reason = RestReason::unauthorized;
      return sign;
    case 402:
      sign.reason = RestReason::billing;
      return sign;
    case 403:
      sign.reason = RestReason::forbidden;
      return sign;
    case 429:
      sign.reason = RestReason::rate_limited;
      break;
    case 503:
    case 529:
      sign.reason = RestReason::overloaded;
      break;
    default:
      // 501: the server is well, and does not know this call.
      if (status < 500 || status == 501) return AttemptSign::none();
      sign.reason = RestReason::server_errors;
      return sign;
  }
  sign.wait = wait_said(head, now);
  return sign;
}

AttemptSign sharpened(AttemptSign sign, std::string_view error_word) {
  struct Word {
    std::string_view word;
    RestReason reason;
  };
  constexpr std::array kWords{
      Word{"insufficient_quota", RestReason::billing},
      Word{"billing_error", RestReason::billing},
      Word{"billing_hard_limit_reached", RestReason::billing},
      Word{"billing_not_active", RestReason::billing},
      Word{"authentication_error", RestReason::unauthorized},
      Word{"invalid_api_key", RestReason::unauthorized},
      Word{"account_deactivated", RestReason::unauthorized},
      Word{"permission_error", RestReason::forbidden},
      Word{"rate_limit_error", RestReason::rate_limited},
      Word{"rate_limit_exceeded", RestReason::rate_limited},
      Word{"overloaded_error", RestReason::overloaded},
      Word{"server_is_overloaded", RestReason::overloaded},
      Word{"api_error", RestReason::server_errors},
      Word{"server_error", RestReason::server_errors},
      Word{"timeout_error", RestReason::server_errors},
  };
  const auto found = std::ranges::find(kWords, error_word, &Word::word);
  if (found == kWords.end()) return sign;
  // The status is its own word; only what holds for the whole account hides behind another.
  if (sign.failed() && !is_of_account(found->reason)) return sign;
  if (found->reason == RestReason::billing) sign.wait.reset();
  sign.kind = AttemptSign::Kind::failure;
  sign.reason = found->reason;
  return sign;
}

AttemptSign sign_of_bad_request(std::string_view error_type, std::string_view message) {
  // "… API. Please go to Plans & Billing to upgrade or purchase credits."
  constexpr std::string_view kNoCredit = "Your credit balance is too low to access the Anthropic API";
  if (error_type != "invalid_request_error" || !message.starts_with(kNoCredit)) return AttemptSign::none();
  // "<field>: Extra inputs are not permitted" begins with a name that the client chose.
  message.remove_prefix(kNoCredit.size());
  const bool is_sentence = message.empty() || message.front() == '.';
  if (!is_sentence || message.find(':') != std::string_view::npos) return AttemptSign::none();
  return AttemptSign::failure(RestReason::billing);
}

std::chrono::milliseconds rest_time(const AttemptSign& sign, int failures, Random& random) {
  const double part = draw_unit(random);
  if (sign.wait) {
    const auto said = std::clamp(*sign.wait, kSaidLeast, kSaidMost);
    return said + Milliseconds(static_cast<std::int64_t>(static_cast<double>(said.count()) * 0.1 * part));
  }
  const auto& rule = rule_of(sign.reason);
  auto time = rule.first;
  for (int i = 1; i < failures && time < rule.most; ++i) time *= 2;
  time = std::min(time, rule.most);
  return Milliseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) * (0.8 + 0.4 * part)));
}

}  // namespace relay
