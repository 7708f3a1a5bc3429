#include "net/upstream_proxy.h"

#include "crypto/sha256.h"
#include "http/query.h"
#include "text/ip_address.h"

#include <algorithm>
#include <charconv>

namespace relay {
namespace {

constexpr std::size_t kCredentialBytesMax = 255;  // RFC 1929 has one byte for their lengths

Error bad_proxy(const std::string& field, const std::string& why) {
  return Error(ErrorKind::validation, "proxy_invalid", field + " is not a usable proxy: " + why)
      .on_field(field, why);
}

bool is_host_letter(char c) { return c > 0x20 && c < 0x7f && c != '/' && c != '?' && c != '#' && c != '\\'; }

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size() && number > 0 && number <= 65'535;
}

bool is_v6(std::string_view host) { return host.find(':') != std::string_view::npos; }

}  // namespace

Result<UpstreamProxy> UpstreamProxy::parse(std::string_view text, const std::string& field) {
  UpstreamProxy proxy;
  auto rest = text;
  std::string_view port = "1080";
  const auto takes = [&rest](std::string_view scheme) {
    if (!rest.starts_with(scheme)) return false;
    rest.remove_prefix(scheme.size());
    return true;
  };
  if (takes("http://")) {
    port = "8080";
  } else if (takes("socks5://") || takes("socks5h://")) {
    proxy.kind_ = Kind::socks5;
  } else {
    return bad_proxy(field, "it must begin with http:// or socks5://");
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    const auto credentials = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    const auto colon = std::min(credentials.find(':'), credentials.size());
    auto user = percent_decode(credentials.substr(0, colon));
    auto password = percent_decode(credentials.substr(std::min(colon + 1, credentials.size())));
    if (!user || !password) return bad_proxy(field, "its user or password has a broken % escape");
    if (user->size() > kCredentialBytesMax || password->size() > kCredentialBytesMax)
      return bad_proxy(field, "its user or password is longer than 255 bytes");
    // RFC 7617 2: a user with a colon can't be told from the password. Control characters end lines.
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (user->find(':') != std::string::npos || std::ranges::any_of(*user, is_control) ||
        std::ranges::any_of(*password, is_control))
      return bad_proxy(field, "its user or password has a character that can't be sent");
    if (user->empty() && !credentials.empty()) return bad_proxy(field, "its user is missing");
    proxy.user_ = std::move(*user);
    proxy.password_ = std::move(*password);
  }
  auto host = rest;
  const auto colon = rest.rfind(':');
  if (colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos) {
    host = rest.substr(0, colon);
    port = rest.substr(colon + 1);
  }
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) return bad_proxy(field, "the host is missing");
  const auto address = IpAddress::parse(host);
  if (host.size() > kProxiedHostBytesMax || !std::ranges::all_of(host, is_host_letter) ||
      host.find_first_of("[]") != std::string_view::npos || (is_v6(host) && !(bracketed && address)))
    return bad_proxy(field, "the host is not valid");
  if (!is_port(port)) return bad_proxy(field, "the port is not a number between 1 and 65535");
  proxy.host_ = std::string(host);
  proxy.port_ = std::string(port);
  return proxy;
}

std::string UpstreamProxy::authority(std::string_view host, std::string_view port) {
  std::string text;
  if (is_v6(host)) {
    text.append("[").append(host).append("]");
  } else {
    text.append(host);
  }
  return text.append(":").append(port);
}

std::string UpstreamProxy::shown() const {
  return (kind_ == Kind::socks5 ? "socks5://" : "http://") + authority(host_, port_);
}

std::string UpstreamProxy::identity() const {
  if (!has_credentials()) return shown();
  return shown() + " " + sha256_hex(std::to_string(user_.size()) + ":" + user_ + password_);
}

}  // namespace relay
