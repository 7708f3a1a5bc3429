// What a turn of the event loop reads and writes, gathered into one system call each.
#pragma once

#include "net/ring.h"
#include "net/stream.h"

#include <array>
#include <memory>
#include <vector>

namespace relay {

/// One per worker, on its thread. A turn of a busy loop finds dozens of sockets readable, and answers dozens
/// of calls: those reads are done at once before the coroutines go on that wait for them, and those writes
/// when the turn ends. A turn with one of them, a kernel without io_uring and TLS take the usual way, in the
/// same order.
class TurnIo {
 public:
  using Waiter = boost::asio::async_result<boost::asio::use_awaitable_t<IoExecutor>, void()>::handler_type;

  /// One write that somebody waits for. The stream and the bytes live until it has been resumed.
  struct Write {
    Stream* stream = nullptr;
    std::array<iovec, 2> parts{};
    WriteOutcome* outcome = nullptr;
    std::optional<Waiter> waiter;
  };

  /// `gathers` false: always the usual way, as without io_uring.
  explicit TurnIo(IoExecutor executor, bool gathers = true);
  ~TurnIo();
  TurnIo(const TurnIo&) = delete;
  TurnIo& operator=(const TurnIo&) = delete;

  /// Writes both parts when this turn ends and comes back then; `outcome` is what try_write() would say.
  Awaitable<void> write(Stream& stream, iovec first, iovec second, WriteOutcome& outcome);

  /// Does these writes now and resumes who waits for them.
  void write_all(std::vector<Write> writes);

  /// Lets go of whoever waits: the loop is going.
  void abandon();

 private:
  friend class Stream;

  // Of Stream: resume it, with its bytes, behind the events of this turn. It forgets itself when it closes.
  void read(Stream& stream);
  void forget(Stream& stream);

  void read_gathered();
  void read_some(std::span<Stream*> streams);
  bool is_open();

  static constexpr std::size_t kReadBytes = 8 * 1024;

  const IoExecutor executor_;
  const bool gathers_;
  std::unique_ptr<Ring> ring_;  // made on the worker's thread
  std::unique_ptr<char[]> room_;
  std::vector<Stream*> readers_;
  std::vector<Stream*> reading_;
  std::vector<Write> writes_;
};

}  // namespace relay
