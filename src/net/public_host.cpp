#include "net/public_host.h"

#include "net/outgoing_guard.h"

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>

namespace relay {

Awaitable<bool> is_public_host(std::string host) {
  if (const auto literal = IpAddress::parse(host)) co_return is_public_address(*literal);
  using Resolver = boost::asio::ip::basic_resolver<boost::asio::ip::tcp, IoExecutor>;
  Resolver resolver(co_await boost::asio::this_coro::executor);
  auto [failed, found] = co_await resolver.async_resolve(host, "443", as_result);
  if (failed) co_return true;
  for (const auto& entry : found) {
    const auto endpoint = entry.endpoint();
    if (!is_public_address(*reinterpret_cast<const sockaddr*>(endpoint.data()))) co_return false;
  }
  co_return true;
}

}  // namespace relay
