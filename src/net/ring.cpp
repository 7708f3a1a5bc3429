#include "net/ring.h"

#include <liburing.h>

#include <cassert>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace relay {

struct Ring::Queues {
  io_uring queues{};
  bool open = false;
  ~Queues() {
    if (open) io_uring_queue_exit(&queues);
  }
  io_uring_sqe* next(std::size_t number) {
    auto* entry = io_uring_get_sqe(&queues);
    assert(entry != nullptr);
    io_uring_sqe_set_data64(entry, number);
    return entry;
  }
};

Ring::Ring() : ring_(std::make_unique<Queues>()) {
  ring_->open = io_uring_queue_init(kOperationsMax, &ring_->queues, 0) == 0;
  if (!ring_->open) ring_.reset();
}

Ring::~Ring() = default;

void Ring::receive(int descriptor, std::span<char> into) {
  assert(count_ < kOperationsMax);
  auto* entry = ring_->next(count_++);
  const auto number = entry->user_data;
  io_uring_prep_recv(entry, descriptor, into.data(), into.size(), MSG_DONTWAIT);
  entry->user_data = number;
}

void Ring::send(int descriptor, const msghdr& message) {
  assert(count_ < kOperationsMax);
  auto* entry = ring_->next(count_++);
  const auto number = entry->user_data;
  io_uring_prep_sendmsg(entry, descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  entry->user_data = number;
}

std::span<const int> Ring::submit() {
  const auto count = std::exchange(count_, 0);
  results_.fill(-EAGAIN);
  // With MSG_DONTWAIT nothing is left to wait for: each has ended when the call returns.
  int submitted = 0;
  do {
    submitted = io_uring_submit_and_wait(&ring_->queues, static_cast<unsigned>(count));
  } while (submitted == -EINTR);
  io_uring_cqe* ended = nullptr;
  for (std::size_t i = 0; i < count && io_uring_peek_cqe(&ring_->queues, &ended) == 0; ++i) {
    results_[ended->user_data] = ended->res;
    io_uring_cqe_seen(&ring_->queues, ended);
  }
  return std::span(results_).first(count);
}

}  // namespace relay
