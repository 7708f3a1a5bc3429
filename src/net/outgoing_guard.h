// Where calls that others can steer may go: not into our own network.
#pragma once

#include "text/ip_address.h"

struct sockaddr;

namespace relay {

/// False for private, loopback, link-local, shared, multicast, documentation and reserved addresses (IANA
/// special-purpose registries), and for those that only wrap an IPv4 address (6to4, NAT64, Teredo). To be
/// asked of the address that is connected to, not of a name: a name may mean another one the next time.
bool is_public_address(const IpAddress& address);
/// The same of what is about to be connected to; false for what is no internet address.
bool is_public_address(const sockaddr& address);

}  // namespace relay
