// Puts an answer on the wire: framing, timing and faults as its shape asks.
#pragma once

#include "net/stream.h"
#include "simulate/provider.h"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace relay::simulate {

/// For one connection; belongs to its thread.
class AnswerWriter {
 public:
  AnswerWriter(boost::asio::io_context& context, Stream& stream) : stream_(stream), timer_(context) {}
  AnswerWriter(const AnswerWriter&) = delete;
  AnswerWriter& operator=(const AnswerWriter&) = delete;

  enum class End : std::uint8_t {
    keep,   // whole, and the connection may go on
    close,  // whole, or cut as was asked for: close
    reset,  // the same, with a TCP reset
    gone,   // the client left before the end
  };

  struct Asked {
    bool keep_alive = true;
    bool http_1_0 = false;  // knows no chunks
    bool to_head = false;   // gets no body
  };

  Awaitable<End> write(Turn turn, Asked asked);

  /// Ends whatever it waits for, as if the client were gone.
  void abandon();

 private:
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
  using Milliseconds = std::chrono::milliseconds;
  struct Sending;

  // True: go on. False: sending.end says why not.
  Awaitable<bool> write_head(Sending& sending);
  Awaitable<bool> write_body(Sending& sending);
  Awaitable<bool> break_off(Sending& sending);
  Awaitable<bool> flush(std::size_t step);
  Awaitable<bool> wait(Sending& sending, Milliseconds time, bool pings);
  Awaitable<bool> sleep(Milliseconds time);

  Stream& stream_;
  Timer timer_;
  std::string out_;  // not yet written
  bool client_gone_ = false;
  bool watching_ = false;
};

}  // namespace relay::simulate
