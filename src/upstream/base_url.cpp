#include "upstream/base_url.h"

#include "text/ip_address.h"

#include <algorithm>
#include <charconv>

namespace relay {
namespace {

constexpr std::size_t kHostBytesMax = 253;  // DNS has no longer names

Error bad_url(const std::string& setting, const std::string& why) {
  return Error(ErrorKind::validation, "base_url_invalid", setting + " is not a usable URL: " + why)
      .on_field(setting, why);
}

bool is_visible_ascii(char c) { return c > 0x20 && c < 0x7f; }

bool is_tcp_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size() && number > 0 && number <= 65'535;
}

}  // namespace

Result<BaseUrl> BaseUrl::parse(std::string_view text, const std::string& setting) {
  auto rest = text;
  BaseUrl url;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    url.tls = false;
  } else {
    return bad_url(setting, "it must begin with https:// or http://");
  }
  if (!std::ranges::all_of(rest, is_visible_ascii))
    return bad_url(setting, "it has a space or a control character");
  if (rest.find_first_of("?#@\\") != std::string_view::npos)
    return bad_url(setting, "it may not have ?, #, @ or \\");

  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  auto prefix = rest.substr(slash);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (prefix.ends_with("/v1")) prefix.remove_suffix(3);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);

  auto host = authority;
  std::string_view port = url.tls ? "443" : "80";
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) return bad_url(setting, "the host is missing");
  const bool is_v6 = host.find(':') != std::string_view::npos;
  if (host.size() > kHostBytesMax || host.find_first_of("[]") != std::string_view::npos ||
      bracketed != is_v6 || (is_v6 && !IpAddress::parse(host)))
    return bad_url(setting, "the host is not valid");
  if (!is_tcp_port(port)) return bad_url(setting, "the port is not a number between 1 and 65535");

  url.host = std::string(host);
  url.port = std::string(port);
  url.authority = std::string(authority);
  url.path_prefix = std::string(prefix);
  return url;
}

}  // namespace relay
