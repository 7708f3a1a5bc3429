// Whatever somebody writes for a proxy, what is taken has a host and a port, credentials that fit into SOCKS5
// and a header, and is never shown with them; written anew it is the same.
#include "fuzz_input.h"
#include "net/upstream_proxy.h"
#include "text/percent.h"

#include <algorithm>
#include <charconv>

namespace {

using namespace relay;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string written(const UpstreamProxy& proxy) {
  auto text = proxy.shown();
  if (!proxy.has_credentials()) return text;
  const auto credentials = percent_encode(proxy.user()) + ":" + percent_encode(proxy.password()) + "@";
  return text.insert(text.find("://") + 3, credentials);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto proxy = UpstreamProxy::parse(fuzz::text_of(data, size), "proxy");
  if (proxy.has_error()) {
    fuzz::require(proxy.error().kind() == ErrorKind::validation, "a refusal is the caller's fault");
    fuzz::require(proxy.error().fields().size() == 1, "and names the field");
    return 0;
  }
  unsigned port = 0;
  const auto& digits = proxy->port();
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  fuzz::require(port >= 1 && port <= 65'535, "a port is one");
  fuzz::require(!proxy->host().empty() && proxy->host().size() <= 253, "a host is one");
  fuzz::require(!has_control(proxy->host()) && proxy->host().find_first_of("@/[] \r\n") == std::string::npos,
                "and ends no line");
  fuzz::require(proxy->user().size() <= 255 && proxy->password().size() <= 255, "lengths fit into a byte");
  fuzz::require(!has_control(proxy->user()) && !has_control(proxy->password()), "credentials end no line");
  fuzz::require(proxy->user().find(':') == std::string::npos, "user and password can be told apart");
  fuzz::require(proxy->shown().find('@') == std::string::npos, "nothing of them is shown");
  const auto again = UpstreamProxy::parse(written(*proxy), "proxy");
  fuzz::require(again.has_value() && again->identity() == proxy->identity(), "written anew it is the same");
  return 0;
}
