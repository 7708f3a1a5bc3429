// What is different about a peer on this very machine.
#pragma once

struct sockaddr;

namespace relay {

/// Takes congestion control off a connection whose peer is a loopback address (a proxy in front of us, or
/// an upstream beside us): nothing can be congested there, and BBR, which many systems have as their
/// default, costs 3 to 5 % of a small relayed call's CPU. Of no effect for other peers.
void spare_congestion_control(int descriptor, const sockaddr* peer);

}  // namespace relay
