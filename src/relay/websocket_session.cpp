#include "relay/websocket_session.h"

#include "domain/identifier.h"
#include "http/error_answer.h"
#include "http/field_bytes.h"
#include "http/head_text.h"
#include "http/header_rules.h"
#include "observe/log.h"
#include "relay/websocket_answer.h"

#include <boost/asio/co_spawn.hpp>

namespace relay {
namespace {

// The provider takes messages in turn, one response after the other.
constexpr std::size_t kMessagesWaitingMax = 16;
constexpr std::string_view kOwnBeta = "responses_websockets=";

bool starts_with_name(std::string_view name, std::string_view lower) {
  return name.size() >= lower.size() && same_field_name(name.substr(0, lower.size()), lower);
}

// Of the handshake, or of a body that each call has itself.
bool is_of_handshake(const HeadField& field) {
  switch (field.known) {
    case KnownField::upgrade:
    case KnownField::content_length:
    case KnownField::content_type:
    case KnownField::content_encoding:
    case KnownField::accept_encoding:
    case KnownField::expect:
      return true;
    default:
      return starts_with_name(field.name, "sec-websocket-") || same_field_name(field.name, "accept");
  }
}

// A feature of the WebSocket is none of POST; other features of the list stay.
std::string without_own_beta(std::string_view list) {
  std::string kept;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const auto feature = trimmed(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (feature.empty() || feature.starts_with(kOwnBeta)) continue;
    kept.append(kept.empty() ? "" : ", ").append(feature);
  }
  return kept;
}

std::string make_call_head(const ParsedHead& head) {
  std::string text("POST ");
  text.append(head.target()).append(" HTTP/1.1\r\n");
  for (const HeadField field : head.fields()) {
    if (is_of_handshake(field)) continue;
    std::string value(field.value);
    if (same_field_name(field.name, "openai-beta")) value = without_own_beta(field.value);
    if (value.empty()) continue;
    append_line(text, field.name, value);
  }
  return text.append("accept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ");
}

WebSocketLimits limits_of(const ServerLimits& limits) {
  return {.message_bytes = limits.body_bytes, .message = limits.body_timeout, .write = limits.write_timeout};
}

}  // namespace

WebSocketSession::WebSocketSession(Parts parts)
    : parts_(std::move(parts)),
      worker_(parts_.client.worker()),
      call_head_(make_call_head(parts_.client.head())),
      peer_address_(parts_.client.peer_address()),
      socket_(worker_, parts_.client.client(), parts_.client.take_unread(),
              limits_of(parts_.client.limits())),
      conversation_(parts_.json, parts_.kept),
      news_(worker_.executor()),
      age_(worker_.wheel(), *this) {}

Awaitable<void> WebSocketSession::run() {
  auto& client = parts_.client;
  std::vector<Header> headers;
  headers.push_back({"x-relay-request-id", std::string(parts_.request_id)});
  headers.push_back({"server", "claude-relay"});
  const bool accepted = co_await socket_.accept(client.head(), std::move(headers));
  client.close_after();
  client.release_request();
  if (accepted) {
    client.when_draining([this] {
      draining_ = true;
      news_.wake();
    });
    age_.set(parts_.age_max);
    reading_ = true;
    auto ended = [this](std::exception_ptr) {
      reading_ = false;
      news_.wake();
    };
    boost::asio::co_spawn(worker_.executor(), read_messages(), std::move(ended));
    static_cast<void>(co_await converse());
  }
  client.when_draining(nullptr);
  static_cast<void>(co_await socket_.over());
  while (reading_) static_cast<void>(co_await news_.wait());
}

Awaitable<void> WebSocketSession::read_messages() {
  while (!over_) {
    auto message = co_await socket_.read();
    take(std::move(message));
  }
}

void WebSocketSession::take(WebSocketMessage message) {
  if (message.kind == WebSocketMessage::Kind::binary)
    return end_with(WebSocketClose::no_text, "Only text messages are taken");
  if (message.kind == WebSocketMessage::Kind::text) {
    waiting_bytes_ += message.text.size();
    if (waiting_.size() >= kMessagesWaitingMax || waiting_bytes_ > 2 * parts_.client.limits().body_bytes)
      return end_with(WebSocketClose::policy, "Too many messages ahead of their turn");
    waiting_.push_back(std::move(message.text));
  } else {
    over_ = true;
    if (running_ != nullptr) running_->answer().close();
  }
  news_.wake();
}

void WebSocketSession::end_with(WebSocketClose code, std::string_view reason) {
  ending_ = Ending{.code = code, .reason = std::string(reason)};
  over_ = true;
  if (running_ != nullptr) running_->answer().close();
  news_.wake();
}

Awaitable<void> WebSocketSession::converse() {
  while (!over_) {
    if (!waiting_.empty()) {
      auto message = std::move(waiting_.front());
      waiting_.pop_front();
      waiting_bytes_ -= message.size();
      const bool goes_on = co_await respond(std::move(message));
      if (!goes_on) break;
    } else if (draining_) {
      end_with(WebSocketClose::going_away, "The relay is being restarted");
    } else if (old_) {
      const Error error(
          ErrorKind::validation, "websocket_connection_limit_reached",
          "Responses websocket connection limit reached. Create a new websocket connection to continue.");
      const auto words = refusal(error);
      static_cast<void>(co_await socket_.write(words));
      end_with(WebSocketClose::going_away, "The connection is too old");
    } else {
      static_cast<void>(co_await news_.wait());
    }
  }
  if (!ending_) co_return;
  const auto code = ending_->code;
  auto reason = ending_->reason;
  static_cast<void>(co_await socket_.close(code, std::move(reason)));
}

std::string WebSocketSession::refusal(const Error& error) {
  const auto request_id = make_identifier("req_", parts_.clock.now(), parts_.random);
  log_info("relay", "refused",
           {{"request_id", request_id}, {"code", error.code()}, {"cause", error.cause()}});
  const auto answer = error_answer(error, ErrorShape::openai, request_id);
  return conversation_.on_error(answer.status, answer.body, "\"x-relay-request-id\":\"" + request_id + "\"");
}

Awaitable<bool> WebSocketSession::respond(std::string message) {
  const auto now = parts_.clock.now();
  const auto own_id = make_identifier("resp_", now, parts_.random);
  auto turn = conversation_.create(message, own_id, now);
  message = std::string();
  if (turn.has_error()) {
    const auto words = refusal(turn.error());
    const bool told = co_await socket_.write(words);
    co_return told;
  }
  if (turn->body.empty()) {
    const bool told = co_await write_all(std::move(turn->messages));
    co_return told;
  }
  const bool answered = co_await call(std::move(turn->body));
  co_return answered;
}

Awaitable<bool> WebSocketSession::call(std::string body) {
  const auto head = call_head_ + std::to_string(body.size()) + "\r\n\r\n";
  auto made = InsideRequest::make(worker_, parts_.client.limits(), peer_address_, head, body);
  body = std::string();
  if (made.has_error()) {
    const auto words = refusal(made.error());
    const bool told = co_await socket_.write(words);
    co_return told;
  }
  const auto request = *std::move(made);
  running_ = request.get();
  served_ = false;
  auto done = [this](std::exception_ptr) {
    served_ = true;
    news_.wake();
  };
  boost::asio::co_spawn(worker_.executor(), serve(*request), std::move(done));
  const bool passed = co_await pass_answer(*request);
  running_ = nullptr;
  request->answer().close();
  while (!served_) static_cast<void>(co_await news_.wait());
  // News of others may have come meanwhile.
  news_.wake();
  co_return passed;
}

Awaitable<void> WebSocketSession::serve(InsideRequest& request) {
  static_cast<void>(co_await parts_.serve(request.exchange()));
  request.served();
}

Awaitable<bool> WebSocketSession::pass_answer(InsideRequest& request) {
  WebSocketAnswer answer(conversation_);
  auto& stream = request.answer();
  while (true) {
    const auto room = worker_.scratch();
    const auto outcome = stream.try_read(room);
    if (outcome.status == ReadOutcome::Status::would_block) {
      static_cast<void>(co_await stream.readable());
      continue;
    }
    std::vector<std::string> messages;
    const bool at_end = outcome.status != ReadOutcome::Status::data;
    if (over_) co_return false;
    if (at_end) {
      answer.end(messages);
    } else {
      answer.feed({room.data(), outcome.bytes}, messages);
    }
    const bool written = co_await write_all(std::move(messages));
    if (!written) co_return false;
    if (at_end) break;
  }
  // The key does not hold any more: it would be refused again and again.
  if (answer.status() == 401) end_with(WebSocketClose::policy, "The API key is not valid");
  co_return true;
}

Awaitable<bool> WebSocketSession::write_all(std::vector<std::string> messages) {
  for (const auto& message : messages) {
    const bool written = co_await socket_.write(message);
    if (!written) co_return false;
  }
  co_return true;
}

}  // namespace relay
