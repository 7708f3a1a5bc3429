// The server's side of one WebSocket (RFC 6455), with permessage-deflate (RFC 7692), over a connection of
// ours.
#pragma once

#include "http/message.h"
#include "net/stream.h"
#include "net/worker.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

struct WebSocketLimits {
  std::size_t message_bytes = 32 * 1024 * 1024;  // inflated: 1009 past it
  std::chrono::milliseconds message{60'000};     // from its first bytes to its last
  std::chrono::milliseconds write{60'000};       // without the client taking a byte
  std::chrono::milliseconds silence{30'000};     // a ping then; after five in a row it is closed
};

/// Codes of a closing (RFC 6455 7.4.1). Those of broken frames are sent by the WebSocket itself.
enum class WebSocketClose : std::uint16_t { going_away = 1001, no_text = 1003, policy = 1008 };

struct WebSocketMessage {
  enum class Kind { text, binary, over };  // binary: its bytes are not read; over: the connection is
  Kind kind = Kind::over;
  std::string text;
};

/// Whether this head asks for a WebSocket at all.
bool asks_for_websocket(const ParsedHead& head);
/// validation for a handshake that is not one of RFC 6455 4.2.1; upgrade_required for another version.
Result<> check_websocket_handshake(const ParsedHead& head);

/// On its worker's thread. One read() and one write() (or close()) at a time, side by side. Answers pings and
/// closings by itself. Before it goes, over() must have come back.
class WebSocket {
 public:
  /// `early`: what was read behind the head. The stream must outlive it, and belongs to it from here on.
  WebSocket(Worker& worker, Stream& stream, std::string early, const WebSocketLimits& limits);
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  /// Answers 101 to a head that was checked, with these headers. False: the client is gone.
  Awaitable<bool> accept(const ParsedHead& head, std::vector<Header> headers);
  /// Waits for the next whole message.
  Awaitable<WebSocketMessage> read();
  /// One text message. False: the client is gone, or took nothing for limits.write. `text` lives until then.
  Awaitable<bool> write(std::string_view text);
  /// Says goodbye and waits a moment for the client's own.
  Awaitable<void> close(WebSocketClose code, std::string reason);
  /// Comes back when nothing uses the stream any more, which is closed for that if something still does.
  Awaitable<void> over();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace relay
