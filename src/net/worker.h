// One core's share of the program: its event loop and what lives on it.
#pragma once

#include "async/deadline_wheel.h"
#include "async/task.h"
#include "http/head.h"
#include "net/turn_io.h"

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace relay {

/// What a connection needs while it has a request in hand, and not while it waits for one.
struct RequestBuffer {
  static constexpr std::size_t kBytes = 16 * 1024;
  static constexpr std::size_t kPaddingBytes = 64;  // simdjson reads so far behind the end

  ParsedHead head;
  std::array<char, kBytes + kPaddingBytes> bytes;
};

/// Everything in here belongs to the thread that runs `context`. Nothing is shared with other cores.
class Worker {
 public:
  explicit Worker(int number);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  boost::asio::io_context& context() { return context_; }
  IoExecutor executor() { return context_.get_executor(); }
  DeadlineWheel& wheel() { return wheel_; }
  int number() const { return number_; }
  TurnIo& turn_io() { return turn_io_; }

  /// Where bytes that only pass through are read to. Valid until the next co_await.
  std::span<char> scratch() { return scratch_; }
  /// The same room with as much left free behind it as a JSON parser looks ahead.
  std::span<char> answer_room() {
    return std::span(scratch_).first(scratch_.size() - RequestBuffer::kPaddingBytes);
  }
  /// Where the head of an upstream's answer is parsed to. The same.
  ParsedHead& answer_head() { return answer_head_; }
  /// Where a head is put together before it is sent. The same.
  std::string& head_scratch() { return head_scratch_; }

  /// Kept on a shelf for the next connection that needs one.
  std::unique_ptr<RequestBuffer> take_buffer();
  void give_buffer(std::unique_ptr<RequestBuffer> buffer);

 private:
  // Destroys what its coroutines hold while all that they give back to is still there.
  struct Loop final : boost::asio::io_context {
    using io_context::io_context;
    void abandon() { shutdown(); }
  };

  const int number_;
  Loop context_;
  DeadlineWheel wheel_;
  TurnIo turn_io_;
  std::array<char, 64 * 1024> scratch_;
  std::string head_scratch_;
  ParsedHead answer_head_;
  std::vector<std::unique_ptr<RequestBuffer>> shelf_;
};

}  // namespace relay
