// One TCP connection, plain or TLS: non-blocking reads and writes, and waiting for either.
#pragma once

#include "async/deadline_wheel.h"
#include "async/task.h"
#include "net/readiness.h"

#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;

namespace relay {

class TurnIo;

struct ReadOutcome {
  enum class Status { data, would_block, end, failed };
  Status status = Status::failed;
  std::size_t bytes = 0;
};

struct WriteOutcome {
  enum class Status { done, partial, failed };  // partial: wait until writable, then the rest
  Status status = Status::failed;
  std::size_t bytes = 0;  // taken by the kernel so far
};

/// What a system call's result says of a write of these parts: bytes, or a negative errno.
WriteOutcome written(std::ptrdiff_t result, std::span<const iovec> parts);

/// Belongs to one io_context and its thread. At most one coroutine waits to read, and one to write; another
/// part may watch for the peer's leaving while nobody reads (watch). A wait ends when the stream is ready or
/// closed: whoever wants to end a wait closes the stream, a deadline too.
class Stream final : private ReadinessEvents {
 public:
  /// Takes the descriptor, which must be non-blocking. Throws std::system_error when epoll refuses. `turn`,
  /// which must outlive it: reads many streams at once; none: each by itself.
  Stream(boost::asio::io_context& context, DeadlineWheel& wheel, int descriptor, TurnIo* turn = nullptr);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Puts TLS on top: the session, whose descriptor is ours, is owned from here on. Call
  /// handshake() before reading or writing.
  void use_tls(ssl_st* session);
  bool is_tls() const { return tls_ != nullptr; }
  /// False when the peer failed the handshake or the stream was closed meanwhile; the reason is in
  /// tls_failure().
  Awaitable<bool> handshake();
  const std::string& tls_failure() const { return tls_failure_; }

  /// One read. `out` must not be empty. Knows when nothing can be there and then asks nobody.
  ReadOutcome try_read(std::span<char> out);
  /// One gathered write.
  WriteOutcome try_write(std::span<const iovec> parts);
  /// Writes all of `bytes`, waiting as often as needed. False when the peer is gone, has taken nothing for
  /// `patience`, or the stream was closed. A peer that takes a little now and then is waited for: what it
  /// acknowledges counts, though the kernel asks for more only when much of its buffer is free.
  Awaitable<bool> write_all(std::span<const char> bytes, std::chrono::milliseconds patience);

  /// Returns at once when a read may find something. False: closed.
  Awaitable<bool> readable();
  /// The same for who must hear within 100 ms that the peer has left, as with watch().
  Awaitable<bool> readable_or_left();
  /// The same for the hot path, without a frame of its own: waits for one edge when nothing may be there.
  /// Ask is_open() behind it. Only when !may_be_readable().
  Awaitable<void> next_edge();
  /// False: closed.
  Awaitable<bool> writable();
  bool may_be_readable() const { return may_be_readable_ || arrived_; }

  /// Calls `on_gone` once when the peer closes or resets while nobody reads, within 100 ms. Bytes
  /// that come meanwhile (a pipelined request) stay where they are.
  void watch(std::function<void()> on_gone);
  void unwatch();
  /// Closes as if the peer had gone: whoever watches is told, and ends what it does for this peer.
  void hang_up();

  /// Closes the stream when `patience` passes without another call; timed_out() tells.
  void close_in(std::chrono::milliseconds patience) { deadline_.set(patience); }
  void keep_open() { deadline_.clear(); }
  bool timed_out() const { return timed_out_; }

  /// Wakes who waits, with false. Idempotent.
  void close();
  /// The same with a TCP reset: the peer must not take a cut answer for a whole one.
  void reset();
  /// Says "no more from here" and keeps reading open. Plain TCP; on TLS a close_notify goes first.
  void shut_sending();
  bool is_open() const { return descriptor_ >= 0; }
  /// True when an idle connection is seen to be closed by the peer, or to hold unasked-for bytes. Asks
  /// the kernel only after an edge, so an end that came with the last bytes may be missed.
  bool is_stale();
  int descriptor() const { return descriptor_; }
  /// Bytes wait to be read. Asks the kernel.
  bool has_input() { return descriptor_ >= 0 && look_at_peer() == Quiet::bytes_wait; }

 private:
  friend class TurnIo;

  enum class Quiet { yes, bytes_wait, peer_gone };
  using Waiter = boost::asio::async_result<boost::asio::use_awaitable_t<IoExecutor>, void()>::handler_type;

  class CloseLater final : public Deadline {
   public:
    CloseLater(DeadlineWheel& wheel, Stream& stream) : Deadline(wheel), stream_(stream) {}
    void on_expiry() override;
    Stream& stream_;
  };
  // An edge that brought bytes and an end at once is one edge: after a short read the end is looked
  // for once, some time later, so that the usual case pays no extra system call.
  class LookForEnd final : public Deadline {
   public:
    LookForEnd(DeadlineWheel& wheel, Stream& stream) : Deadline(wheel), stream_(stream) {}
    void on_expiry() override;
    Stream& stream_;
  };

  // Of TurnIo: the result of a read into `room`, which try_read() gives out; what is left of it then is kept.
  void arrived(std::span<char> room, int result);
  void keep_arrived();
  ReadOutcome take_arrived(std::span<char> out);
  ReadOutcome read_done(std::ptrdiff_t result, std::size_t asked);

  void on_readable() override;
  void on_writable() override;
  void on_abandoned() override;
  bool took_some();
  Quiet look_at_peer();
  Quiet look_at_tls_peer();
  void drained(bool certain);
  static void resume(std::optional<Waiter>& waiter);
  static void resume_later(std::optional<Waiter>& waiter);
  void resume_reader() { resume(reader_); }
  void tell_watcher();
  void forget_tls();
  static Awaitable<void> suspend(std::optional<Waiter>& waiter);
  ReadOutcome read_tls(std::span<char> out);
  WriteOutcome write_tls(std::span<const iovec> parts);

  int descriptor_;
  TurnIo* const turn_;
  ssl_st* tls_ = nullptr;
  bool may_be_readable_ = true;
  bool timed_out_ = false;
  bool queued_ = false;  // in the TurnIo's hands
  bool end_not_ruled_out_ = false;
  Readiness readiness_;
  CloseLater deadline_;
  LookForEnd look_for_end_;
  std::optional<Waiter> reader_;  // who waits to read
  std::optional<Waiter> writer_;
  std::chrono::milliseconds write_patience_{0};  // while write_all() waits; else 0
  int unacknowledged_bytes_ = 0;                 // when it was looked at last
  std::optional<ReadOutcome> arrived_;           // read already, and not yet taken by try_read()
  std::string_view arrived_bytes_;
  std::string kept_bytes_;  // of arrived_bytes_, past the turn
  std::function<void()> on_gone_;
  std::string tls_failure_;
};

}  // namespace relay
