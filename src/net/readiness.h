// Tells when a descriptor has become readable or writable: edges, as epoll reports them.
#pragma once

#include <boost/asio/io_context.hpp>

namespace relay {

/// Who is told. Called on the io_context's thread; may destroy the Readiness.
class ReadinessEvents {
 public:
  virtual ~ReadinessEvents() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
  /// The io_context is being destroyed: whoever waits is to be let go, not resumed.
  virtual void on_abandoned() = 0;
};

/// Registers one descriptor with one io_context. arm_*() asks for one event: if an edge has come
/// since the last event, at the next turn of the loop, else when it comes. No system call but the
/// first arm_write(). An edge that brought data and an end of file at once is one edge: after a
/// short read the end must be looked for (Stream does).
///
/// Boost.Asio's public async_wait costs an epoll_ctl per wait, and async_read_some a recv that finds
/// nothing; each is a twentieth of a relayed request. So readiness.cpp starts a reactor operation of
/// its own on Boost 1.81's reactor, and falls back to async_wait on any other Boost
/// (RELAY_PORTABLE_READINESS forces that; the tests run both).
class Readiness {
 public:
  /// `descriptor` must be non-blocking, and stays open until release(). Throws std::system_error
  /// when the kernel refuses the registration.
  Readiness(boost::asio::io_context& context, int descriptor, ReadinessEvents& events);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  void arm_read();
  void arm_write();
  /// No event comes after it. Idempotent. The descriptor must be closed right after: that is what
  /// takes it out of the epoll set; unless `shared` says that another process has the same socket, which
  /// keeps it there: then it is taken out by a system call of its own.
  void release(bool shared = false);

 private:
  struct Registration;
  Registration* registration_;
};

}  // namespace relay
