// The way through an upstream's proxy.
#pragma once

#include "net/stream.h"
#include "net/upstream_proxy.h"

#include <string>
#include <string_view>

namespace relay {

/// Asks the proxy at the other end of `stream`, which is connected to it, for a tunnel to host:port. Empty
/// when it stands: what is written from here on the upstream gets. Else why not, in words for the log; the
/// stream is of no use then. Reads at most 8 KB; the caller bounds the time by closing the stream. All
/// arguments must live until it returns.
Awaitable<std::string> open_tunnel(Stream& stream, const UpstreamProxy& proxy, std::string_view host,
                                   std::string_view port);

}  // namespace relay
