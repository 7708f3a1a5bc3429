#include "net/upstream_proxy.h"

#include "crypto/sha256.h"
#include "http/head.h"
#include "http/query.h"
#include "text/base64.h"
#include "text/ip_address.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace relay {
namespace {

constexpr std::size_t kAnswerBytesMax = 8 * 1024;
constexpr std::chrono::milliseconds kSendPatience{10'000};  // the connect deadline is the shorter one
constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kCredentialBytesMax = 255;  // RFC 1929 has one byte for their lengths

// RFC 1928.
constexpr char kSocksVersion = 5;
constexpr char kNoAuthentication = 0;
constexpr char kUserAndPassword = 2;
constexpr char kConnect = 1;
constexpr char kIpV4 = 1;
constexpr char kDomainName = 3;
constexpr char kIpV6 = 4;

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

std::string authority_of(std::string_view host, std::string_view port) {
  std::string text;
  if (is_v6(host)) {
    text.append("[").append(host).append("]");
  } else {
    text.append(host);
  }
  return text.append(":").append(port);
}

std::string closed_words(const Stream& stream) {
  return stream.timed_out() ? "the proxy did not answer in time" : "the proxy closed the connection";
}

// All of `out`, or false.
Awaitable<bool> read_exactly(Stream& stream, std::span<char> out) {
  while (!out.empty()) {
    const auto outcome = stream.try_read(out);
    out = out.subspan(outcome.bytes);
    if (outcome.status == ReadOutcome::Status::data) continue;
    if (outcome.status != ReadOutcome::Status::would_block) co_return false;
    const bool open = co_await stream.readable();
    if (!open) co_return false;
  }
  co_return true;
}

std::string connect_request(const UpstreamProxy& proxy, std::string_view host, std::string_view port) {
  const auto authority = authority_of(host, port);
  std::string request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (proxy.has_credentials()) {
    request.append("Proxy-Authorization: Basic ")
        .append(to_base64(proxy.user() + ":" + proxy.password()))
        .append("\r\n");
  }
  return request.append("\r\n");
}

Awaitable<std::string> open_by_connect(Stream& stream, const UpstreamProxy& proxy, std::string_view host,
                                       std::string_view port) {
  const auto request = connect_request(proxy, host, port);
  const bool sent = co_await stream.write_all(request, kSendPatience);
  if (!sent) co_return closed_words(stream);
  const auto head = std::make_unique<ParsedHead>();
  HeadReader reader(HeadLimits{.head_bytes_max = kAnswerBytesMax});
  std::string answer;
  while (true) {
    std::array<char, 1024> room;
    const auto outcome = stream.try_read(room);
    if (outcome.status == ReadOutcome::Status::would_block) {
      const bool open = co_await stream.readable();
      if (!open) co_return closed_words(stream);
      continue;
    }
    if (outcome.status != ReadOutcome::Status::data) co_return "the proxy closed the connection";
    answer.append(room.data(), outcome.bytes);
    auto state = reader.read_answer(answer, *head);
    while (state == HeadState::complete && head->status() < 200 && head->status() != 101) {
      answer.erase(0, head->head_bytes());
      reader.reset();
      state = answer.empty() ? HeadState::need_more : reader.read_answer(answer, *head);
    }
    if (state == HeadState::refused) co_return "the proxy's answer is not valid HTTP";
    if (state == HeadState::need_more) continue;
    if (head->status() == 407) co_return "the proxy wants other credentials (407)";
    if (head->status() < 200 || head->status() > 299)
      co_return "the proxy refused the tunnel with status " + std::to_string(head->status());
    // The upstream speaks only when it is spoken to: what is here already is not its own.
    if (answer.size() > head->head_bytes()) co_return "the proxy sent bytes that nobody asked for";
    co_return std::string();
  }
}

std::string socks_request(std::string_view host, std::string_view port) {
  std::string request{kSocksVersion, kConnect, 0};
  if (const auto address = IpAddress::parse(host)) {
    const auto& bytes = address->bytes();
    request.push_back(address->is_v4() ? kIpV4 : kIpV6);
    request.append(reinterpret_cast<const char*>(bytes.data()) + (address->is_v4() ? 12 : 0),
                   address->is_v4() ? 4 : 16);
  } else {
    request.push_back(kDomainName);
    request.push_back(static_cast<char>(host.size()));
    request.append(host);
  }
  unsigned number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  request.push_back(static_cast<char>(number >> 8));
  request.push_back(static_cast<char>(number & 0xff));
  return request;
}

std::string_view socks_refusal(unsigned char code) {
  constexpr std::array<std::string_view, 9> kWords{"",
                                                   "a general failure",
                                                   "its rules do not allow it",
                                                   "the network can't be reached",
                                                   "the host can't be reached",
                                                   "the connection was refused",
                                                   "the time to live expired",
                                                   "it does not know the command",
                                                   "it does not know this kind of address"};
  return code < kWords.size() ? kWords[code] : "an unknown reason";
}

Awaitable<std::string> authenticate_to_socks(Stream& stream, const UpstreamProxy& proxy) {
  std::string greeting{kSocksVersion};
  greeting += proxy.has_credentials() ? std::string{2, kNoAuthentication, kUserAndPassword}
                                      : std::string{1, kNoAuthentication};
  const bool greeted = co_await stream.write_all(greeting, kSendPatience);
  if (!greeted) co_return closed_words(stream);
  std::array<char, 2> chosen;
  const bool answered = co_await read_exactly(stream, chosen);
  if (!answered) co_return closed_words(stream);
  if (chosen[0] != kSocksVersion) co_return "the proxy does not speak SOCKS5";
  if (chosen[1] == kNoAuthentication) co_return std::string();
  if (chosen[1] != kUserAndPassword || !proxy.has_credentials())
    co_return "the proxy wants a way to sign in that this account has not";

  std::string credentials{1};  // the version of RFC 1929
  credentials.push_back(static_cast<char>(proxy.user().size()));
  credentials.append(proxy.user());
  credentials.push_back(static_cast<char>(proxy.password().size()));
  credentials.append(proxy.password());
  const bool sent = co_await stream.write_all(credentials, kSendPatience);
  if (!sent) co_return closed_words(stream);
  std::array<char, 2> verdict;
  const bool judged = co_await read_exactly(stream, verdict);
  if (!judged) co_return closed_words(stream);
  if (verdict[1] != 0) co_return "the proxy refused the user or the password";
  co_return std::string();
}

Awaitable<std::string> open_by_socks(Stream& stream, const UpstreamProxy& proxy, std::string_view host,
                                     std::string_view port) {
  auto refused = co_await authenticate_to_socks(stream, proxy);
  if (!refused.empty()) co_return refused;
  const auto request = socks_request(host, port);
  const bool sent = co_await stream.write_all(request, kSendPatience);
  if (!sent) co_return closed_words(stream);

  std::array<char, 5> reply;  // version, code, reserved, kind of the address that follows, its first byte
  const bool came = co_await read_exactly(stream, reply);
  if (!came) co_return closed_words(stream);
  if (reply[0] != kSocksVersion) co_return "the proxy does not speak SOCKS5";
  if (reply[1] != 0)
    co_return std::string("the proxy refused the tunnel: ")
        .append(socks_refusal(static_cast<unsigned char>(reply[1])));
  std::size_t left = 2;  // the port
  if (reply[3] == kIpV4) {
    left += 3;
  } else if (reply[3] == kIpV6) {
    left += 15;
  } else if (reply[3] == kDomainName) {
    left += static_cast<unsigned char>(reply[4]);
  } else {
    co_return "the proxy's answer is not valid SOCKS5";
  }
  std::array<char, 255 + 2> bound;
  const auto rest = std::span(bound).first(left);
  const bool whole = co_await read_exactly(stream, rest);
  if (!whole) co_return closed_words(stream);
  co_return std::string();
}

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
  if (host.size() > kHostBytesMax || !std::ranges::all_of(host, is_host_letter) ||
      host.find_first_of("[]") != std::string_view::npos || (is_v6(host) && !(bracketed && address)))
    return bad_proxy(field, "the host is not valid");
  if (!is_port(port)) return bad_proxy(field, "the port is not a number between 1 and 65535");
  proxy.host_ = std::string(host);
  proxy.port_ = std::string(port);
  return proxy;
}

std::string UpstreamProxy::shown() const {
  return (kind_ == Kind::socks5 ? "socks5://" : "http://") + authority_of(host_, port_);
}

std::string UpstreamProxy::identity() const {
  if (!has_credentials()) return shown();
  return shown() + " " + sha256_hex(std::to_string(user_.size()) + ":" + user_ + password_);
}

Awaitable<std::string> open_tunnel(Stream& stream, const UpstreamProxy& proxy, std::string_view host,
                                   std::string_view port) {
  if (host.size() > kHostBytesMax) co_return "the upstream's name is too long for a proxy";
  if (proxy.kind() == UpstreamProxy::Kind::socks5)
    co_return co_await open_by_socks(stream, proxy, host, port);
  co_return co_await open_by_connect(stream, proxy, host, port);
}

}  // namespace relay
