// Who is calling, when proxies stand in front of us.
#pragma once

#include "http/head.h"
#include "text/ip_address.h"

#include <span>
#include <string_view>

namespace relay {

/// The address that counts as the client's: `peer` (of the socket), unless that is one of
/// `trusted_proxies`; then the right-most hop of X-Forwarded-For that is not. What stands further left
/// is the client's own word and is not looked at. A hop that is no address ends the search: the last
/// trusted one counts. An IPv4-mapped IPv6 address is the IPv4.
IpAddress client_address(const IpAddress& peer, const ParsedHead& head,
                         std::span<const IpNetwork> trusted_proxies);

/// Whether one of `trusted_proxies`, being the peer, says that its client spoke TLS: X-Forwarded-Proto, of
/// which the right-most word is the proxy's own.
bool came_over_tls(const IpAddress& peer, const ParsedHead& head, std::span<const IpNetwork> trusted_proxies);

/// client_address over the lines of X-Forwarded-For, in the order they came.
IpAddress client_address(const IpAddress& peer, std::span<const std::string_view> forwarded_for,
                         std::span<const IpNetwork> trusted_proxies);

}  // namespace relay
