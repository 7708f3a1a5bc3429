#include "net/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace relay {
namespace {

bool is_loopback(const sockaddr* peer) {
  if (peer->sa_family == AF_INET) {
    return ntohl(reinterpret_cast<const sockaddr_in*>(peer)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  }
  if (peer->sa_family != AF_INET6) return false;
  const auto& address = reinterpret_cast<const sockaddr_in6*>(peer)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address) != 0 ||
         (IN6_IS_ADDR_V4MAPPED(&address) != 0 && address.s6_addr[12] == IN_LOOPBACKNET);
}

}  // namespace

void spare_congestion_control(int descriptor, const sockaddr* peer) {
  // Reno is in every kernel and open to every process; a refusal changes nothing that matters.
  static constexpr char kReno[] = "reno";
  if (is_loopback(peer)) ::setsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, kReno, sizeof kReno - 1);
}

}  // namespace relay
