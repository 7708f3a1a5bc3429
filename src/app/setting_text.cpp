#include "app/setting_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace relay {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::int64_t> digits(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// Number and unit, e.g. "5" and "s".
std::pair<std::string_view, std::string_view> split_unit(std::string_view text) {
  const auto end = text.find_first_not_of("0123456789");
  if (end == std::string_view::npos) return {text, {}};
  return {text.substr(0, end), trimmed(text.substr(end))};
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<Unit, 4> kDurations{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kSizes{{{"gb", 1 << 30}, {"mb", 1 << 20}, {"kb", 1 << 10}, {"b", 1}}};

std::optional<std::int64_t> with_unit(std::string_view text, const std::array<Unit, 4>& units) {
  if (text == "0") return 0;  // in any unit
  const auto [number_text, unit_text] = split_unit(text);
  const auto number = digits(number_text);
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [name = lower(unit_text)](const Unit& u) { return u.name == name; });
  std::int64_t value = 0;
  if (!number || unit == units.end() || __builtin_mul_overflow(*number, unit->factor, &value)) return {};
  return value;
}

// The largest unit that says it without a fraction.
std::string said_with_unit(std::int64_t value, const std::array<Unit, 4>& units) {
  for (const auto& unit : units) {
    if (value != 0 && value % unit.factor == 0)
      return std::to_string(value / unit.factor) + std::string(unit.name);
  }
  return "0";
}

}  // namespace

Parsed<std::int64_t> whole_number(std::string_view text, std::int64_t least, std::int64_t most) {
  const auto value = digits(text);
  if (value && *value >= least && *value <= most) return {value, {}};
  return {{},
          "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most) + ", not " +
              quoted(text)};
}

Parsed<std::chrono::milliseconds> duration_text(std::string_view text, std::chrono::milliseconds least,
                                                std::chrono::milliseconds most) {
  const auto value = with_unit(text, kDurations);
  if (value && *value >= least.count() && *value <= most.count())
    return {std::chrono::milliseconds(*value), {}};
  return {{},
          "must be a time from " + said_with_unit(least.count(), kDurations) + " to " +
              said_with_unit(most.count(), kDurations) + " with its unit (500ms, 5s, 2m, 1h), not " +
              quoted(text)};
}

Parsed<std::int64_t> byte_count(std::string_view text, std::int64_t least, std::int64_t most) {
  const auto value = with_unit(text, kSizes);
  if (value && *value >= least && *value <= most) return {value, {}};
  return {{},
          "must be a size from " + said_with_unit(least, kSizes) + " to " + said_with_unit(most, kSizes) +
              " with its unit (64KB, 32MB, 1GB), not " + quoted(text)};
}

Parsed<bool> truth(std::string_view text) {
  const auto word = lower(text);
  if (word == "true" || word == "1" || word == "yes" || word == "on") return {true, {}};
  if (word == "false" || word == "0" || word == "no" || word == "off") return {false, {}};
  return {{}, "must be true or false, not " + quoted(text)};
}

Parsed<std::string> web_address(std::string_view text, const std::vector<std::string_view>& schemes) {
  std::string known;
  for (const auto scheme : schemes) {
    known += (known.empty() ? "" : " or ") + std::string(scheme) + "://";
    const auto start = scheme.size() + 3;
    if (!lower(text.substr(0, start)).starts_with(std::string(scheme) + "://")) continue;
    const auto rest = text.substr(start);
    const auto host = rest.substr(0, rest.find('/'));
    // The text is not quoted back: it may hold a password.
    if (host.find('@') != std::string_view::npos) return {{}, "must not hold a user name or password"};
    if (host.empty() || rest.find_first_of(" \t?#\\") != std::string_view::npos) break;
    std::string address(text);
    while (address.ends_with('/')) address.pop_back();
    return {std::move(address), {}};
  }
  return {{}, "must be an address that begins with " + known + " and has no query"};
}

std::vector<std::string> comma_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (const auto part = trimmed(text.substr(0, comma)); !part.empty()) parts.emplace_back(part);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

std::string weakness_of_secret(std::string_view secret) {
  static constexpr std::size_t kBytesMin = 32;  // RFC 7518 3.2: as long as the hash of HS256
  static constexpr int kDifferentMin = 10;
  // What example files and tutorials have in this place.
  static constexpr std::string_view kPlaceholders[] = {
      "change-me",    "changeme",   "change_me",  "change-this",    "change_this",    "change-in-prod",
      "placeholder",  "your-",      "your_",      "yoursecret",     "replace-me",     "replace_me",
      "replace-with", "example",    "default",    "insecure",       "password",       "secret-key",
      "secret_key",   "secretkey",  "my-secret",  "mysecret",       "supersecret",    "super-secret",
      "super_secret", "jwt-secret", "jwt_secret", "encryption-key", "encryption_key", "qwerty",
      "0123456789",   "1234567890", "abcdefghij", "test-secret",    "claude-relay"};

  if (secret.size() < kBytesMin) {
    return "is too short: 32 characters or more are needed. Leave it away to have one generated, or take the "
           "output of `openssl rand -base64 32`";
  }
  const auto text = lower(secret);
  for (const auto placeholder : kPlaceholders) {
    if (text.find(placeholder) != std::string::npos) {
      return "looks like a placeholder from an example. Leave it away to have one generated, or take the "
             "output of "
             "`openssl rand -base64 32`";
    }
  }
  std::array<bool, 256> seen{};
  for (const char c : secret) seen[static_cast<unsigned char>(c)] = true;
  if (std::count(seen.begin(), seen.end(), true) < kDifferentMin) {
    return "is too easy to guess. Leave it away to have one generated, or take the output of "
           "`openssl rand -base64 32`";
  }
  return {};
}

}  // namespace relay
