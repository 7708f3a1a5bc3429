#include "net/websocket.h"

#include "http/field_bytes.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace relay {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

constexpr std::chrono::seconds kGoodbye{2};
constexpr int kSilencesMax = 4;  // a client may answer pings only while it waits for something
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kReasonBytesMax = 120;

// Closes a stream when something takes too long.
struct CloseInTime final : Deadline {
  CloseInTime(DeadlineWheel& wheel, Stream& stream_) : Deadline(wheel), stream(stream_) {}
  void on_expiry() override { stream.close(); }
  Stream& stream;
};

struct Moved {
  error_code failed;
  std::size_t bytes = 0;
};

error_code gone() { return asio::error::make_error_code(asio::error::eof); }

// What Beast reads from and writes to: our stream, with our deadlines.
class Wire {
 public:
  using executor_type = IoExecutor;

  Wire(Worker& worker, Stream& stream, std::string early, const WebSocketLimits& limits)
      : worker_(worker),
        stream_(stream),
        early_(std::move(early)),
        write_patience_(limits.write),
        writing_(worker.wheel(), stream) {}

  executor_type get_executor() const { return worker_.executor(); }
  bool is_busy() const { return running_ > 0; }
  /// Since the last call.
  bool has_heard() { return std::exchange(heard_, false); }
  Stream& stream() { return stream_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return begin(read(first_of<asio::mutable_buffer>(buffers)), std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    std::array<iovec, kPartsMax> parts{};
    std::size_t count = 0;
    const auto end = asio::buffer_sequence_end(buffers);
    for (auto at = asio::buffer_sequence_begin(buffers); at != end && count < parts.size(); ++at) {
      const asio::const_buffer part(*at);
      if (part.size() > 0) parts[count++] = {const_cast<void*>(part.data()), part.size()};
    }
    return begin(write(parts, count), std::forward<Token>(token));
  }

 private:
  static constexpr std::size_t kPartsMax = 16;

  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    const auto end = asio::buffer_sequence_end(buffers);
    for (auto at = asio::buffer_sequence_begin(buffers); at != end; ++at) {
      if (Buffer(*at).size() > 0) return Buffer(*at);
    }
    return Buffer();
  }

  // A handler that is called behind the coroutine. Never inside of what began it: the coroutine posts first.
  template <class Token>
  auto begin(Awaitable<Moved> work, Token&& token) {
    ++running_;
    auto start = [this](auto handler, Awaitable<Moved> moving) {
      auto done = [this, handler = std::move(handler)](std::exception_ptr, Moved moved) mutable {
        --running_;
        std::move(handler)(moved.failed, moved.bytes);
      };
      asio::co_spawn(worker_.executor(), std::move(moving), std::move(done));
    };
    return asio::async_initiate<Token, void(error_code, std::size_t)>(std::move(start), token,
                                                                      std::move(work));
  }

  Awaitable<Moved> read(asio::mutable_buffer room) {
    static_cast<void>(co_await asio::post(worker_.executor(), as_result));
    Moved moved;
    const std::span<char> out(static_cast<char*>(room.data()), room.size());
    if (!early_.empty() || out.empty()) {
      moved.bytes = std::min(early_.size(), out.size());
      std::memcpy(out.data(), early_.data(), moved.bytes);
      early_.erase(0, moved.bytes);
      co_return moved;
    }
    while (true) {
      const auto outcome = stream_.try_read(out);
      moved.bytes = outcome.bytes;
      if (outcome.status == ReadOutcome::Status::data) break;
      bool open = outcome.status == ReadOutcome::Status::would_block;
      if (open) open = co_await stream_.readable_or_left();
      if (open) continue;
      moved.failed = gone();
      break;
    }
    heard_ = heard_ || moved.bytes > 0;
    co_return moved;
  }

  Awaitable<Moved> write(std::array<iovec, kPartsMax> parts, std::size_t count) {
    static_cast<void>(co_await asio::post(worker_.executor(), as_result));
    Moved moved;
    while (count > 0) {
      const auto outcome = stream_.try_write({parts.data(), count});
      moved.bytes = outcome.bytes;
      if (outcome.status == WriteOutcome::Status::failed) moved.failed = gone();
      if (moved.failed || moved.bytes > 0) break;
      writing_.set(write_patience_);
      const bool open = co_await stream_.writable();
      writing_.clear();
      if (open) continue;
      moved.failed = gone();
      break;
    }
    co_return moved;
  }

  Worker& worker_;
  Stream& stream_;
  std::string early_;
  const std::chrono::milliseconds write_patience_;
  CloseInTime writing_;
  int running_ = 0;
  bool heard_ = false;
};

// Beast finds these by the type of their argument.
[[maybe_unused]] void beast_close_socket(Wire& wire) { wire.stream().close(); }

template <class Handler>
void async_teardown(beast::role_type, Wire& wire, Handler&& handler) {
  wire.stream().shut_sending();
  auto done = [handler = std::forward<Handler>(handler)]() mutable { std::move(handler)(error_code()); };
  asio::post(wire.get_executor(), std::move(done));
}

// A client that can do with a smaller window says so, and not every other one takes an answer that asks for
// it (RFC 7692 7.1.2.1).
bool takes_small_window(const ParsedHead& head) {
  for (const HeadField field : head.fields()) {
    if (same_field_name(field.name, "sec-websocket-extensions") &&
        field.value.find("server_max_window_bits") != std::string_view::npos)
      return true;
  }
  return false;
}

websocket::permessage_deflate deflate_options(const ParsedHead& head) {
  websocket::permessage_deflate options;
  options.server_enable = true;
  // Both sides keep their dictionaries from message to message, which is what makes small events small. 4 KB
  // of window are enough for that, and make 24 KB of what is 140 KB for each connection.
  options.server_max_window_bits = takes_small_window(head) ? 12 : 15;
  options.memLevel = 4;
  options.compLevel = 3;
  return options;
}

std::string trimmed_reason(std::string reason) {
  reason.resize(std::min(reason.size(), kReasonBytesMax));
  return reason;
}

bool has_token(const ParsedHead& head, std::string_view name, std::string_view lower_token) {
  for (const HeadField field : head.fields()) {
    if (!same_field_name(field.name, name)) continue;
    auto list = field.value;
    while (!list.empty()) {
      const auto comma = std::min(list.find(','), list.size());
      if (same_field_name(trimmed(list.substr(0, comma)), lower_token)) return true;
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return false;
}

Error bad_handshake(std::string words) {
  return Error(ErrorKind::validation, "bad_handshake", std::move(words));
}

constexpr std::string_view kKeyField = "sec-websocket-key";
constexpr std::string_view kVersionField = "sec-websocket-version";

// 16 bytes in base64.
bool is_key(std::string_view key) { return key.size() == 24 && key.ends_with("=="); }

beast::http::request<beast::http::empty_body> to_beast(const ParsedHead& head) {
  beast::http::request<beast::http::empty_body> request;
  request.method(beast::http::verb::get);
  request.target({head.target().data(), head.target().size()});
  request.version(11);
  request.set(beast::http::field::host, "relay");
  request.set(beast::http::field::connection, "upgrade");
  request.set(beast::http::field::upgrade, "websocket");
  for (const HeadField field : head.fields()) {
    if (field.name.size() < 14 || !same_field_name(field.name.substr(0, 14), "sec-websocket-")) continue;
    request.insert({field.name.data(), field.name.size()}, {field.value.data(), field.value.size()});
  }
  return request;
}

}  // namespace

bool asks_for_websocket(const ParsedHead& head) {
  return head.minor_version() > 0 && has_token(head, "upgrade", "websocket") &&
         has_token(head, "connection", "upgrade");
}

Result<> check_websocket_handshake(const ParsedHead& head) {
  if (head.value(kVersionField) != "13")
    return Error(ErrorKind::upgrade_required, "websocket_version", "Sec-WebSocket-Version must be 13");
  if (!is_key(head.value(kKeyField))) return bad_handshake("Sec-WebSocket-Key must be 16 bytes in base64");
  if (!body_of_request(head).complete()) return bad_handshake("A WebSocket's handshake has no body");
  return ok;
}

struct WebSocket::State {
  // Nobody speaks: a ping, and after some of them no more patience.
  struct Pulse final : Deadline {
    Pulse(DeadlineWheel& wheel, State& state_) : Deadline(wheel), state(state_) {}
    void on_expiry() override { state.beat(); }
    State& state;
  };

  State(Worker& worker_, Stream& stream_, std::string early, const WebSocketLimits& limits_)
      : worker(worker_),
        stream(stream_),
        limits(limits_),
        message(worker_.wheel(), stream_),
        goodbye(worker_.wheel(), stream_),
        pulse(worker_.wheel(), *this),
        socket(worker_, stream_, std::move(early), limits_) {}

  void beat() {
    if (socket.next_layer().has_heard()) {
      silences = 0;
    } else if (++silences > kSilencesMax) {
      return stream.close();
    } else if (!std::exchange(pinging, true)) {
      socket.async_ping({}, [this](error_code) { pinging = false; });
    }
    pulse.set(limits.silence);
  }

  Worker& worker;
  Stream& stream;
  const WebSocketLimits limits;
  CloseInTime message;
  CloseInTime goodbye;
  Pulse pulse;
  int silences = 0;
  bool pinging = false;
  websocket::stream<Wire> socket;
};

WebSocket::WebSocket(Worker& worker, Stream& stream, std::string early, const WebSocketLimits& limits)
    : state_(std::make_unique<State>(worker, stream, std::move(early), limits)) {
  auto& socket = state_->socket;
  socket.read_message_max(limits.message_bytes);
  socket.auto_fragment(false);
  socket.text(true);
}

WebSocket::~WebSocket() = default;

Awaitable<bool> WebSocket::accept(const ParsedHead& head, std::vector<Header> headers) {
  const auto request = to_beast(head);
  state_->socket.set_option(deflate_options(head));
  auto decorate = [&headers](websocket::response_type& answer) {
    for (const auto& header : headers) answer.insert(header.name, header.value);
  };
  state_->socket.set_option(websocket::stream_base::decorator(std::move(decorate)));
  auto [failed] = co_await state_->socket.async_accept(request, as_result);
  if (failed) co_return false;
  state_->pulse.set(state_->limits.silence);
  co_return true;
}

Awaitable<WebSocketMessage> WebSocket::read() {
  auto& socket = state_->socket;
  WebSocketMessage message;
  auto text = asio::dynamic_buffer(message.text);
  while (true) {
    const auto [failed, bytes] = co_await socket.async_read_some(text, kReadBytes, as_result);
    if (failed) {
      message = WebSocketMessage();
      break;
    }
    const bool is_binary = socket.got_binary();
    message.kind = is_binary ? WebSocketMessage::Kind::binary : WebSocketMessage::Kind::text;
    if (is_binary || socket.is_message_done()) break;
    if (!state_->message.is_set()) state_->message.set(state_->limits.message);
  }
  state_->message.clear();
  co_return message;
}

Awaitable<bool> WebSocket::write(std::string_view text) {
  const auto buffer = asio::buffer(text.data(), text.size());
  const auto [failed, bytes] = co_await state_->socket.async_write(buffer, as_result);
  co_return !failed;
}

Awaitable<void> WebSocket::close(WebSocketClose code, std::string reason) {
  state_->goodbye.set(kGoodbye);
  const websocket::close_reason words(static_cast<websocket::close_code>(code),
                                      trimmed_reason(std::move(reason)));
  static_cast<void>(co_await state_->socket.async_close(words, as_result));
  state_->goodbye.clear();
}

Awaitable<void> WebSocket::over() {
  state_->pulse.clear();
  if (state_->socket.next_layer().is_busy() || state_->pinging) state_->stream.close();
  // What waited is resumed at the loop's next turns.
  while (state_->socket.next_layer().is_busy() || state_->pinging)
    static_cast<void>(co_await asio::post(state_->worker.executor(), as_result));
}

}  // namespace relay
