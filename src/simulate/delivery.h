// Turns an answer and its shape into the acts of a connection: write, wait, and one of several ends.
#pragma once

#include "simulate/answer.h"
#include "simulate/gzip_stream.h"
#include "simulate/head_text.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace relay::simulate {

/// What the request says about its answer.
struct DeliveryNeeds {
  bool close = false;        // the client will not send another request
  bool no_chunks = false;    // HTTP/1.0
  bool head_only = false;    // the method was HEAD
};

/// Knows no socket: the connection does what next() says until the end. Events are made when they are due.
class Delivery {
 public:
  enum class Act : std::uint8_t {
    write,   // send what is in `out`, then go on
    wait,    // go on after wait_time()
    finish,  // the answer is complete; the connection takes the next request
    close,   // complete or cut: close
    trap,    // the answer is complete; close when another byte comes
    reset,   // close with a TCP reset
    hang,    // nothing more, ever; the client is to close
  };

  Delivery(PlannedAnswer&& planned, DeliveryNeeds needs, HeadText& heads);
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  /// Appends to `out` only for `write`, and then at least one byte. Not to be called after an end.
  Act next(std::string& out);
  std::chrono::milliseconds wait_time() const { return wait_; }
  /// The end is the one that a well-behaved provider would have come to.
  bool is_whole() const { return whole_; }

 private:
  enum class Stage : std::uint8_t { before_head, head, before_body, body, fault, end };

  Act begin_wait(std::chrono::milliseconds time);
  bool go_on_waiting(std::string& out, Act& act);
  Act split(std::string& out, std::size_t bytes);
  Act next_split(std::string& out);
  Act head(std::string& out);
  Act body(std::string& out);
  Act fault_end();
  Act good_end();
  void collect();
  bool make_piece();
  bool at_fault() const;
  bool append_framed(std::string& out, std::string_view payload, bool last);
  void append_chunk(std::string& out, std::string_view payload);

  PlannedAnswer planned_;
  DeliveryNeeds needs_;
  HeadText& heads_;
  std::optional<GzipStream> gzip_;
  std::deque<std::string> collected_;  // the body, when its length must be known
  std::string piece_, carried_;        // one event; what rechunk keeps for the next chunk
  std::string split_;                  // bytes that go out in small writes
  std::size_t split_at_ = 0, split_bytes_ = 0;
  std::size_t events_ = 0;         // sent
  std::size_t payload_bytes_ = 0;  // sent
  std::chrono::milliseconds wait_{0}, wait_left_{0};
  Stage stage_ = Stage::before_head;
  bool chunked_ = false, close_ = false, whole_ = false, head_is_out_ = false;
  bool body_is_collected_ = false, pause_before_split_ = false, waited_before_fault_ = false, ping_is_due_ = false;
};

}  // namespace relay::simulate
