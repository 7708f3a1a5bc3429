// One client's Responses WebSocket, from its handshake to its end: each message becomes a call of
// POST /v1/responses, which goes the way of any other.
#pragma once

#include "async/wakeup.h"
#include "base/random.h"
#include "net/inside_request.h"
#include "net/websocket.h"
#include "relay/responses_conversation.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// On its worker's thread. What the calls need (a key that still holds, limits, prices) is looked at by each
/// of them anew.
class WebSocketSession {
 public:
  /// Answers one request, exactly once, as POST /v1/responses is answered.
  using ServeCall = std::function<Awaitable<void>(ServerExchange&)>;

  struct Parts {  // all must outlive it
    ServerExchange& client;
    ServeCall serve;
    JsonIndex& json;
    KeptBytes& kept;
    const Clock& clock;
    Random& random;
    std::string_view request_id;                                   // of the handshake
    std::chrono::milliseconds age_max = std::chrono::minutes(60);  // as the provider has it
  };
  explicit WebSocketSession(Parts parts);

  /// Answers the handshake, which has been checked, and comes back when the connection has ended.
  Awaitable<void> run();

 private:
  struct Age final : Deadline {
    Age(DeadlineWheel& wheel, WebSocketSession& session_) : Deadline(wheel), session(session_) {}
    void on_expiry() override {
      session.old_ = true;
      session.news_.wake();
    }
    WebSocketSession& session;
  };

  Awaitable<void> read_messages();
  void take(WebSocketMessage message);
  void end_with(WebSocketClose code, std::string_view reason);
  Awaitable<void> converse();
  Awaitable<bool> respond(std::string message);
  Awaitable<bool> call(std::string body);
  Awaitable<bool> pass_answer(InsideRequest& request);
  Awaitable<void> serve(InsideRequest& request);
  Awaitable<bool> write_all(std::vector<std::string> messages);
  std::string refusal(const Error& error);

  Parts parts_;
  Worker& worker_;
  const std::string call_head_;  // of each call, but for the length of its body
  const std::string peer_address_;
  WebSocket socket_;
  ResponsesConversation conversation_;
  Wakeup news_;
  Age age_;
  std::deque<std::string> waiting_;  // messages whose turn comes
  std::size_t waiting_bytes_ = 0;
  InsideRequest* running_ = nullptr;
  bool served_ = false;  // the running call
  bool draining_ = false;
  bool old_ = false;
  bool over_ = false;  // the client is gone, or is to go
  bool reading_ = false;
  struct Ending {
    WebSocketClose code;
    std::string reason;
  };
  std::optional<Ending> ending_;
};

}  // namespace relay
