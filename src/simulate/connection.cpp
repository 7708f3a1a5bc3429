#include "simulate/connection.h"

#include "net/tls.h"
#include "net/worker.h"

#include <algorithm>

namespace relay::simulate {
namespace {

constexpr std::size_t kInputKeptMax = 64 * 1024;  // by a connection that waits
constexpr std::chrono::minutes kIdleMax{10};      // without a byte from the client
constexpr std::chrono::seconds kGoodbye{2};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Connection(Parts parts, int descriptor)
    : parts_(parts),
      stream_(parts.worker.context(), parts.worker.wheel(), descriptor),
      writer_(parts.worker.context(), stream_),
      place_(parts_.open.insert(parts_.open.end(), this)) {
  parts_.state.seen.opened();
}

Connection::~Connection() {
  parts_.state.seen.closed();
  parts_.open.erase(place_);
}

Awaitable<void> Connection::serve() {
  if (parts_.tls != nullptr) {
    auto* session = parts_.tls->make_session(stream_.descriptor());
    if (session == nullptr) co_return;
    stream_.use_tls(session);
    stream_.close_in(kIdleMax);
    const bool secured = co_await stream_.handshake();
    if (!secured) co_return;
  }
  bool goes_on = true;
  while (goes_on && stream_.is_open()) {
    auto arrival = co_await read_head();
    if (arrival == Arrival::request) arrival = co_await read_body();
    if (arrival == Arrival::over || (arrival == Arrival::request && trap_)) break;
    if (arrival == Arrival::refused) {
      goes_on = co_await refuse(refused_status_, "The request could not be read.");
      break;
    }
    goes_on = co_await answer();
    input_.erase(0, used_);
    used_ = 0;
    if (input_.capacity() > kInputKeptMax) input_.shrink_to_fit();
    decoded_ = std::string();
  }
}

Awaitable<bool> Connection::read_more() {
  static constexpr std::size_t kStep = 4096;
  stream_.close_in(kIdleMax);
  const bool open = co_await stream_.readable();
  if (!open) co_return false;
  const auto before = input_.size();
  // Grown geometrically, so that a long body is not copied for each read.
  const auto room = std::max(kStep, std::min<std::size_t>(before, 1024 * 1024));
  input_.resize(before + room);
  const auto outcome = stream_.try_read(std::span(input_.data() + before, room));
  input_.resize(before + outcome.bytes);
  stream_.keep_open();
  co_return outcome.status == ReadOutcome::Status::data || outcome.status == ReadOutcome::Status::would_block;
}

Awaitable<Connection::Arrival> Connection::read_head() {
  reader_.reset();
  while (true) {
    const auto state = input_.empty() ? HeadState::need_more : reader_.read_request(input_, head_);
    if (state == HeadState::complete) {
      used_ = head_.head_bytes();
      co_return Arrival::request;
    }
    if (state == HeadState::refused) {
      refused_status_ = 400;
      co_return Arrival::refused;
    }
    const bool more = co_await read_more();
    if (!more) co_return Arrival::over;
  }
}

Awaitable<Connection::Arrival> Connection::read_body() {
  auto framing = body_of_request(head_);
  const auto body_at = used_;
  if (!framing.complete() && !head_.value("expect").empty() && unread().empty()) {
    const bool told = co_await stream_.write_all(kContinue, kIdleMax);
    if (!told) co_return Arrival::over;
  }
  while (true) {
    const bool chunked = framing.kind() == BodyFraming::Kind::chunked;
    used_ += framing.feed(unread(), [this, chunked](std::string_view payload) {
      if (chunked) decoded_.append(payload);
    });
    if (framing.malformed() || framing.payload_bytes() + framing.left_bytes() > kRequestBytesMax) {
      refused_status_ = framing.malformed() ? 400 : 413;
      co_return Arrival::refused;
    }
    if (framing.complete()) {
      head_.rebase(input_.data());
      body_ =
          chunked ? std::string_view(decoded_) : std::string_view(input_).substr(body_at, used_ - body_at);
      co_return Arrival::request;
    }
    const bool more = co_await read_more();
    if (!more) co_return Arrival::over;
  }
}

Awaitable<bool> Connection::answer() {
  const bool control = head_.path().starts_with("/_simulate/");
  if (!control) parts_.state.seen.received(std::string_view(input_).substr(0, head_.head_bytes()), body_);
  const AnswerWriter::Asked asked{.keep_alive = head_.keep_alive(),
                                  .http_1_0 = head_.minor_version() == 0,
                                  .to_head = head_.method() == "HEAD"};
  auto turn = parts_.provider.answer(head_, body_);
  trap_ = turn.shape.trap;
  const auto end = co_await writer_.write(std::move(turn), asked);
  if (end == AnswerWriter::End::gone) {
    if (!control) parts_.state.seen.aborted(parts_.clock.now().time_since_epoch().count());
    co_return false;
  }
  if (!control) parts_.state.seen.answered();
  if (end == AnswerWriter::End::reset) stream_.reset();
  co_return end == AnswerWriter::End::keep;
}

Awaitable<bool> Connection::refuse(int status, std::string_view message) {
  auto turn = parts_.provider.refuse(status, message);
  const AnswerWriter::Asked asked{.keep_alive = false};
  static_cast<void>(co_await writer_.write(std::move(turn), asked));
  static_cast<void>(co_await say_goodbye());
  co_return false;
}

// RFC 9112 9.6: closing with unread input resets the connection, and the client may never see the answer.
Awaitable<void> Connection::say_goodbye() {
  stream_.shut_sending();
  stream_.close_in(kGoodbye);
  while (stream_.is_open()) {
    const auto outcome = stream_.try_read(parts_.worker.scratch());
    if (outcome.status == ReadOutcome::Status::data) continue;
    if (outcome.status != ReadOutcome::Status::would_block) co_return;
    const bool open = co_await stream_.readable();
    if (!open) co_return;
  }
}

}  // namespace relay::simulate
