#include "http/query.h"
#include "redis/redis_client.h"

#include <charconv>
#include <optional>

namespace relay {
namespace {

constexpr std::string_view kField = "REDIS_URL";

// None of these words repeats a part of the address: it may have a password anywhere.
Error wrong(std::string what) {
  return Error(ErrorKind::validation, "redis_url_invalid", "REDIS_URL " + what)
      .on_field(std::string(kField), std::move(what));
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, number);
  if (text.empty() || failed != std::errc() || stopped != end) return std::nullopt;
  return number;
}

Result<> read_user(std::string_view text, RedisSettings& settings) {
  const auto colon = text.find(':');
  auto user = percent_decode(text.substr(0, colon));
  auto password =
      percent_decode(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1));
  if (!user || !password) return wrong("has a broken percent escape before the @");
  if (!user->empty() && password->empty()) return wrong("names a user without a password");
  settings.user = *std::move(user);
  settings.password = *std::move(password);
  return ok;
}

// host, host:port, [IPv6]:port
Result<> read_host(std::string_view text, RedisSettings& settings) {
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return wrong("has a [ without a ]");
    port = text.substr(close + 1);
    has_port = !port.empty();
    if (has_port && !port.starts_with(':')) return wrong("has something else than a port behind the ]");
    if (has_port) port.remove_prefix(1);
    text = text.substr(1, close - 1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    port = text.substr(colon + 1);
    has_port = true;
    text = text.substr(0, colon);
  }
  auto host = percent_decode(text);
  if (!host || host->empty()) return wrong("has no host");
  settings.host = *std::move(host);
  if (!has_port) return ok;
  const auto number = parse_number<std::uint16_t>(port);
  if (!number || *number == 0) return wrong("has a port that is not a number from 1 to 65535");
  settings.port = *number;
  return ok;
}

}  // namespace

Result<RedisSettings> parse_redis_url(std::string_view url) {
  RedisSettings settings;
  if (url.starts_with("rediss://")) {
    settings.tls = true;
    url.remove_prefix(9);
  } else if (url.starts_with("redis://")) {
    url.remove_prefix(8);
  } else {
    return wrong("must begin with redis:// or rediss://");
  }
  for (const char letter : url) {
    if (static_cast<unsigned char>(letter) <= ' ' || letter == 0x7F)
      return wrong("has a space or a control character");
  }
  if (url.find_first_of("?#") != std::string_view::npos)
    return wrong("must not have a ? or a # (escape them)");
  // A raw / or @ of a password would move these: the last @ counts, and a / before it is refused with the
  // host.
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    CHECK(read_user(url.substr(0, at), settings));
    url.remove_prefix(at + 1);
  }
  const auto slash = url.find('/');
  CHECK(read_host(url.substr(0, slash), settings));
  if (slash == std::string_view::npos || slash + 1 == url.size()) return settings;
  const auto database = parse_number<int>(url.substr(slash + 1));
  if (!database || *database < 0) return wrong("has a database that is not a number");
  settings.database = *database;
  return settings;
}

}  // namespace relay
