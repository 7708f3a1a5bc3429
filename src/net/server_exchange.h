// One request on a client's connection, and the means to answer it.
#pragma once

#include "http/body_framing.h"
#include "http/message.h"
#include "http/head.h"
#include "net/stream.h"
#include "net/worker.h"

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace relay {

struct ServerLimits {
  HeadLimits head;
  std::size_t body_bytes = kBodyBytesMax;
  std::chrono::milliseconds head_timeout{10'000};   // from its first byte to its last
  std::chrono::milliseconds body_timeout{60'000};   // the whole body
  std::chrono::milliseconds idle_timeout{75'000};   // between two requests
  std::chrono::milliseconds write_timeout{60'000};  // without the client taking a byte
};

/// The bytes a connection has read and nobody has used yet, and the head they begin with. Behind the
/// bytes there is always room for a parser's look-ahead.
class InputBuffer {
 public:
  std::string_view unread() const { return {data_ + begin_, end_ - begin_}; }
  std::span<char> room() { return {data_ + end_, capacity_ - end_}; }
  ParsedHead& head() { return held_->head; }
  void added(std::size_t bytes) { end_ += bytes; }
  void use(std::size_t bytes) { begin_ += bytes; }

  bool is_held() const { return held_ != nullptr; }
  void take_from(Worker& worker);
  void give_to(Worker& worker);
  /// Room for `more` bytes behind what is unread. Moves the bytes: views into them die.
  void grow(std::size_t more);

 private:
  std::unique_ptr<RequestBuffer> held_;
  std::unique_ptr<char[]> larger_;  // when held_ has not room enough
  char* data_ = nullptr;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;  // without the padding
};

/// Belongs to its worker's thread. Lives from a whole head to the end of its answer; the handler that
/// gets it by reference answers exactly once.
class ServerExchange {
 public:
  ServerExchange(Worker& worker, Stream& stream, InputBuffer& input, const ServerLimits& limits)
      : worker_(worker), stream_(stream), input_(input), limits_(limits) {}

  Worker& worker() { return worker_; }
  Stream& client() { return stream_; }
  const ParsedHead& head() const { return input_.head(); }
  const ServerLimits& limits() const { return limits_; }
  /// The socket's other end, as text; behind proxies not the client's own.
  std::string_view peer_address() const { return peer_address_; }
  bool is_tls() const { return stream_.is_tls(); }

  /// Reads the body to its end, at most `bytes_max`, chunk framing taken off. payload_too_large,
  /// validation (framing), gateway_timeout is not: a slow or gone client is `client_gone`.
  Task<> read_body(std::size_t bytes_max);
  /// True when the whole body lies in the input already: body() is valid, and there is nothing to wait for.
  bool take_body(std::size_t bytes_max);
  bool has_whole_body() const;
  /// Valid after read_body, until release_request().
  std::string_view body() const { return body_; }
  /// Gives head and body back: a long answer needs neither. head() and body() are dead then.
  void release_request();

  /// A whole answer, with Content-Length and Connection as they have to be. False: the client is gone.
  Awaitable<bool> answer(HttpAnswer answer);

  /// Sends these parts, in order, without waiting. What the client did not take is kept, and must be
  /// flushed before the next send: needs_flush(). False: the client is gone.
  bool try_send(std::span<const iovec> parts);
  /// The same behind a write that somebody else did for us (TurnIo).
  bool sent(const WriteOutcome& outcome, std::span<const iovec> parts);
  bool needs_flush() const { return !unsent_.empty(); }
  /// False: the client is gone, or took nothing for limits.write_timeout.
  Awaitable<bool> flush();

  /// No further request on this connection: the answer's head said so, or its body was cut.
  void close_after() { keep_alive_ = false; }
  bool keeps_alive() const { return keep_alive_; }
  bool answer_begun() const { return answer_begun_; }

  /// For an answer that has no end of its own (a WebSocket): `tell` is called once when the server begins to
  /// drain, which it may have done already. It lives until the answer's end.
  void when_draining(std::function<void()> tell);
  /// What the connection has read behind the request; whoever takes it reads on by itself.
  std::string take_unread();

 private:
  friend class InsideRequest;
  friend class ServerConnection;

  void drain();
  Awaitable<bool> send_continue();
  Task<> read_sized_body(std::uint64_t length);
  Task<> read_chunked_body(std::size_t bytes_max);

  Worker& worker_;
  Stream& stream_;
  InputBuffer& input_;
  const ServerLimits& limits_;
  std::string_view peer_address_;
  std::string_view body_;
  std::string own_body_;  // when it does not lie in the input whole
  std::string unsent_;
  std::size_t body_in_input_ = 0;
  bool body_read_ = false;
  bool released_ = false;
  bool keep_alive_ = true;
  bool answer_begun_ = false;
  bool refused_ = false;  // there is no head that could be trusted
  bool draining_ = false;
  std::function<void()> on_drain_;
};

}  // namespace relay
