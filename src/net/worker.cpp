#include "net/worker.h"

namespace relay {

// One thread runs the loop and does all its I/O; other threads only post to it.
Worker::Worker(int number)
    : number_(number), context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO), wheel_(context_.get_executor()) {}

Worker::~Worker() = default;

}  // namespace relay
