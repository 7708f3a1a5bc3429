// Many small reads and writes of sockets in one system call: io_uring (liburing).
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace relay {

/// None of its operations waits: what can't be done at once ends with -EAGAIN, as on a non-blocking socket.
/// Used by one thread. A system call costs as much as a tenth of a small relayed call, more on a virtual
/// machine; a turn of a busy loop reads and writes dozens of sockets.
class Ring {
 public:
  static constexpr std::size_t kOperationsMax = 64;

  Ring();
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  /// False where the kernel has no io_uring, or forbids it (containers often do): then nothing below may be
  /// called.
  bool is_open() const { return ring_ != nullptr; }

  /// Adds one operation; at most kOperationsMax before a submit().
  void receive(int descriptor, std::span<char> into);
  void send(int descriptor, const msghdr& message);  // which must live until submit() returns

  /// Does them all. Bytes, or a negative errno, of each in the order in which they were added; valid until
  /// the next operation is added.
  std::span<const int> submit();

 private:
  struct Queues;

  std::unique_ptr<Queues> ring_;
  std::size_t count_ = 0;
  std::array<int, kOperationsMax> results_{};
};

}  // namespace relay
