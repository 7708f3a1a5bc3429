#include "http/forwarded_for.h"

#include "http/field_bytes.h"
#include "http/message.h"

#include <algorithm>
#include <array>
#include <optional>

namespace relay {
namespace {

bool is_trusted(const IpAddress& address, std::span<const IpNetwork> proxies) {
  return std::any_of(proxies.begin(), proxies.end(),
                     [&](const IpNetwork& network) { return network.contains(address); });
}

/// "203.0.113.7", "203.0.113.7:4711", "2001:db8::1", "[2001:db8::1]:4711": all are seen in the wild.
std::optional<IpAddress> parse_hop(std::string_view hop) {
  if (hop.starts_with('[')) {
    const auto close = hop.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    return IpAddress::parse(hop.substr(1, close - 1));
  }
  const auto colon = hop.find(':');
  if (colon != std::string_view::npos && hop.find(':', colon + 1) == std::string_view::npos)
    hop = hop.substr(0, colon);
  return IpAddress::parse(hop);
}

}  // namespace

IpAddress client_address(const IpAddress& peer, std::span<const std::string_view> forwarded_for,
                         std::span<const IpNetwork> trusted_proxies) {
  IpAddress client = peer;
  for (std::size_t line = forwarded_for.size(); line-- > 0;) {
    auto left = forwarded_for[line];
    for (;;) {
      if (!is_trusted(client, trusted_proxies)) return client;
      const auto comma = left.rfind(',');
      const auto hop = parse_hop(trimmed(comma == std::string_view::npos ? left : left.substr(comma + 1)));
      if (!hop) return client;
      client = *hop;
      if (comma == std::string_view::npos) break;
      left = left.substr(0, comma);
    }
  }
  return client;
}

IpAddress client_address(const IpAddress& peer, const ParsedHead& head,
                         std::span<const IpNetwork> trusted_proxies) {
  if (!head.has(KnownField::x_forwarded_for) || !is_trusted(peer, trusted_proxies)) return peer;
  std::array<std::string_view, kHeadFieldsMax> lines;
  std::size_t count = 0;
  for (const HeadField field : head.fields()) {
    if (field.known == KnownField::x_forwarded_for) lines[count++] = field.value;
  }
  return client_address(peer, std::span<const std::string_view>(lines.data(), count), trusted_proxies);
}

bool came_over_tls(const IpAddress& peer, const ParsedHead& head,
                   std::span<const IpNetwork> trusted_proxies) {
  if (!is_trusted(peer, trusted_proxies)) return false;
  std::string_view schemes;
  for (const HeadField field : head.fields()) {
    if (same_header_name(field.name, "x-forwarded-proto")) schemes = field.value;
  }
  const auto comma = schemes.rfind(',');
  return same_header_name(trimmed(comma == std::string_view::npos ? schemes : schemes.substr(comma + 1)),
                          "https");
}

}  // namespace relay
