#include "net/open_tunnel.h"

#include "http/head.h"
#include "text/base64.h"
#include "text/ip_address.h"

#include <array>
#include <charconv>
#include <memory>
#include <span>

namespace relay {
namespace {

constexpr std::size_t kAnswerBytesMax = 8 * 1024;
constexpr std::chrono::milliseconds kSendPatience{10'000};  // the connect deadline is the shorter one

// RFC 1928.
constexpr char kSocksVersion = 5;
constexpr char kNoAuthentication = 0;
constexpr char kUserAndPassword = 2;
constexpr char kConnect = 1;
constexpr char kIpV4 = 1;
constexpr char kDomainName = 3;
constexpr char kIpV6 = 4;

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
  const auto authority = UpstreamProxy::authority(host, port);
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

Awaitable<std::string> open_tunnel(Stream& stream, const UpstreamProxy& proxy, std::string_view host,
                                   std::string_view port) {
  if (host.size() > kProxiedHostBytesMax) co_return "the upstream's name is too long for a proxy";
  if (proxy.kind() == UpstreamProxy::Kind::socks5)
    co_return co_await open_by_socks(stream, proxy, host, port);
  co_return co_await open_by_connect(stream, proxy, host, port);
}

}  // namespace relay
