#include "net/inside_request.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace relay {
namespace {

Error no_descriptors(std::string_view cause) {
  return Error(ErrorKind::unavailable, "no_descriptors", "The relay has no room for another call")
      .because(std::string(cause))
      .retry_in(std::chrono::seconds(1));
}

}  // namespace

InsideRequest::InsideRequest(Worker& worker, const ServerLimits& limits, const int (&ends)[2])
    : worker_(worker),
      server_(worker.context(), worker.wheel(), ends[0], &worker.turn_io()),
      answer_(worker.context(), worker.wheel(), ends[1], &worker.turn_io()),
      exchange_(worker, server_, input_, limits) {}

InsideRequest::~InsideRequest() { input_.give_to(worker_); }

Result<std::unique_ptr<InsideRequest>> InsideRequest::make(Worker& worker, const ServerLimits& limits,
                                                           std::string_view peer_address,
                                                           std::string_view head, std::string_view body) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    return no_descriptors(std::strerror(errno));
  std::unique_ptr<InsideRequest> request;
  try {
    request.reset(new InsideRequest(worker, limits, ends));
  } catch (const std::system_error& refused) {  // epoll is full
    return no_descriptors(refused.what());
  }
  auto& input = request->input_;
  input.take_from(worker);
  for (const auto part : {head, body}) {
    if (input.room().size() < part.size()) input.grow(part.size());
    std::memcpy(input.room().data(), part.data(), part.size());
    input.added(part.size());
  }
  HeadReader reader(limits.head);
  if (reader.read_request(input.unread(), input.head()) != HeadState::complete)
    return Error(ErrorKind::internal, "inside_head", "Internal error")
        .because(std::string(describe(reader.fault())));
  input.use(input.head().head_bytes());
  request->exchange_.peer_address_ = peer_address;
  request->exchange_.keep_alive_ = false;
  return request;
}

void InsideRequest::served() {
  server_.unwatch();
  exchange_.release_request();
  server_.close();
}

}  // namespace relay
