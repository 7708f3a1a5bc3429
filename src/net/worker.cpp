#include "net/worker.h"

namespace relay {
namespace {

constexpr std::size_t kShelfMax = 256;

}  // namespace

// One thread runs the loop and does all its I/O; other threads only post to it.
Worker::Worker(int number)
    : number_(number),
      context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      wheel_(context_.get_executor()),
      turn_io_(context_.get_executor()) {}

// A coroutine that still waits holds deadlines of the wheel and buffers for the shelf: it goes first. The
// io_context itself goes last, since the wheel's timer is one of its own.
Worker::~Worker() {
  turn_io_.abandon();
  context_.abandon();
}

std::unique_ptr<RequestBuffer> Worker::take_buffer() {
  if (shelf_.empty()) return std::make_unique_for_overwrite<RequestBuffer>();
  auto buffer = std::move(shelf_.back());
  shelf_.pop_back();
  return buffer;
}

void Worker::give_buffer(std::unique_ptr<RequestBuffer> buffer) {
  if (shelf_.size() < kShelfMax) shelf_.push_back(std::move(buffer));
}

}  // namespace relay
