#include "net/server_exchange.h"

#include "http/answer_head.h"
#include "http/field_bytes.h"

#include <algorithm>
#include <cstring>

namespace relay {
namespace {

Error client_gone() {
  return Error(ErrorKind::validation, "client_gone", "The request did not arrive whole");
}

Error too_large(std::size_t bytes_max) {
  return Error(ErrorKind::payload_too_large, "request_too_large",
               "Request exceeds the maximum size of " + std::to_string(bytes_max) + " bytes");
}

Error bad_framing(ChunkFault fault) {
  return Error(ErrorKind::validation, "bad_chunk",
               "The request body's chunked framing is not valid: " + std::string(describe(fault)));
}

}  // namespace

void InputBuffer::take_from(Worker& worker) {
  if (held_) return;
  held_ = worker.take_buffer();
  data_ = held_->bytes.data();
  begin_ = end_ = 0;
  capacity_ = RequestBuffer::kBytes;
}

void InputBuffer::give_to(Worker& worker) {
  if (!held_) return;
  worker.give_buffer(std::move(held_));
  larger_.reset();
  data_ = nullptr;
  begin_ = end_ = capacity_ = 0;
}

void InputBuffer::grow(std::size_t more) {
  const auto bytes = end_ - begin_;
  if (bytes + more <= capacity_) {
    std::memmove(data_, data_ + begin_, bytes);
  } else {
    capacity_ = std::max(capacity_ * 2, bytes + more);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_ + RequestBuffer::kPaddingBytes);
    std::memcpy(larger.get(), data_ + begin_, bytes);
    larger_ = std::move(larger);
    data_ = larger_.get();
  }
  begin_ = 0;
  end_ = bytes;
}

bool ServerExchange::has_whole_body() const {
  if (body_read_) return true;
  const auto framing = body_of_request(head());
  return framing.kind() == BodyFraming::Kind::length && framing.left_bytes() <= input_.unread().size();
}

bool ServerExchange::take_body(std::size_t bytes_max) {
  if (body_read_) return true;
  const auto framing = body_of_request(head());
  if (framing.kind() != BodyFraming::Kind::length) return false;
  const auto length = framing.left_bytes();
  if (length > bytes_max || length > input_.unread().size()) return false;
  body_in_input_ = static_cast<std::size_t>(length);
  body_ = input_.unread().substr(0, body_in_input_);
  body_read_ = true;
  return true;
}

Task<> ServerExchange::read_body(std::size_t bytes_max) {
  if (take_body(bytes_max)) co_return ok;
  const auto framing = body_of_request(head());
  if (framing.kind() == BodyFraming::Kind::length && framing.left_bytes() > bytes_max) {
    close_after();
    co_return too_large(bytes_max);
  }
  const bool ready = co_await send_continue();
  if (!ready) co_return client_gone();
  client().close_in(limits_.body_timeout);
  Result<> outcome;
  if (framing.kind() == BodyFraming::Kind::length) {
    outcome = co_await read_sized_body(framing.left_bytes());
  } else {
    outcome = co_await read_chunked_body(bytes_max);
  }
  client().keep_open();
  if (outcome.has_error()) {
    close_after();
    co_return outcome;
  }
  body_ = own_body_;
  body_read_ = true;
  co_return ok;
}

// RFC 9110 10.1.1: a client that waits for it is told to go on, unless its body is on its way already; one of
// HTTP/1.0 would take it for the answer.
Awaitable<bool> ServerExchange::send_continue() {
  if (head().minor_version() == 0) co_return true;
  if (!same_field_name(head().value(KnownField::expect), "100-continue") || !input_.unread().empty())
    co_return true;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const bool sent = co_await client().write_all(kContinue, limits_.write_timeout);
  co_return sent;
}

Task<> ServerExchange::read_sized_body(std::uint64_t length) {
  const auto total = static_cast<std::size_t>(length);
  // Memory follows what arrives, not what the head promises: 5,000 promises of 32 MB cost nothing.
  own_body_.reserve(std::min<std::size_t>(total, 256 * 1024) + RequestBuffer::kPaddingBytes);
  const auto present = input_.unread();
  own_body_.assign(present);
  input_.use(present.size());
  while (own_body_.size() < total) {
    const auto before = own_body_.size();
    const auto step = std::min<std::size_t>(total - before, std::max<std::size_t>(before, 64 * 1024));
    if (own_body_.capacity() < before + step + RequestBuffer::kPaddingBytes) {
      own_body_.reserve(std::min(total, 2 * (before + step)) + RequestBuffer::kPaddingBytes);
    }
    own_body_.resize(before + step);
    const auto outcome = client().try_read({own_body_.data() + before, step});
    own_body_.resize(before + outcome.bytes);
    if (outcome.status == ReadOutcome::Status::data) continue;
    if (outcome.status != ReadOutcome::Status::would_block) co_return client_gone();
    const bool open = co_await client().readable();
    if (!open) co_return client_gone();
  }
  co_return ok;
}

Task<> ServerExchange::read_chunked_body(std::size_t bytes_max) {
  auto framing = BodyFraming::chunked();
  const auto keep = [this](std::string_view payload) { own_body_.append(payload); };
  while (true) {
    const auto used = framing.feed(input_.unread(), keep);
    input_.use(used);
    if (framing.malformed()) co_return bad_framing(framing.fault());
    if (own_body_.size() > bytes_max) co_return too_large(bytes_max);
    if (framing.complete()) break;
    input_.grow(RequestBuffer::kBytes / 2);
    const auto outcome = client().try_read(input_.room());
    input_.added(outcome.bytes);
    if (outcome.status == ReadOutcome::Status::data) continue;
    if (outcome.status != ReadOutcome::Status::would_block) co_return client_gone();
    const bool open = co_await client().readable();
    if (!open) co_return client_gone();
  }
  own_body_.reserve(own_body_.size() + RequestBuffer::kPaddingBytes);
  co_return ok;
}

void ServerExchange::release_request() {
  if (released_) return;
  // An answer that did not need the body passes over it.
  if (!body_read_ && has_whole_body())
    body_in_input_ = static_cast<std::size_t>(body_of_request(head()).left_bytes());
  released_ = true;
  input_.use(std::exchange(body_in_input_, 0));
  body_ = {};
  own_body_ = std::string();
  // A pipelined request stays: its bytes are all we have of it.
  if (input_.unread().empty()) input_.give_to(worker_);
}

Awaitable<bool> ServerExchange::answer(HttpAnswer answer) {
  if (refused_ || !has_whole_body()) close_after();
  const auto minor_version = refused_ ? 1 : head().minor_version();
  const bool is_head = !refused_ && head().method() == "HEAD";
  const std::string head = answer_head(answer, {.keep_alive = keep_alive_, .http_1_0 = minor_version == 0});
  const bool without_body = is_head || answer.status == 204 || answer.status == 304;
  const iovec parts[] = {{const_cast<char*>(head.data()), head.size()},
                         {answer.body.data(), without_body ? 0 : answer.body.size()}};
  bool taken = try_send(parts);
  if (taken && needs_flush()) taken = co_await flush();
  co_return taken;
}

bool ServerExchange::try_send(std::span<const iovec> parts) { return sent(client().try_write(parts), parts); }

bool ServerExchange::sent(const WriteOutcome& outcome, std::span<const iovec> parts) {
  answer_begun_ = true;
  if (outcome.status == WriteOutcome::Status::done) return true;
  if (outcome.status == WriteOutcome::Status::failed) {
    client().close();
    return false;
  }
  auto skip = outcome.bytes;
  for (const auto& part : parts) {
    const auto gone = std::min(skip, part.iov_len);
    skip -= gone;
    unsent_.append(static_cast<const char*>(part.iov_base) + gone, part.iov_len - gone);
  }
  return true;
}

Awaitable<bool> ServerExchange::flush() {
  const bool sent = co_await client().write_all(unsent_, limits_.write_timeout);
  unsent_ = std::string();
  client().keep_open();
  if (!sent) client().close();
  co_return sent;
}

void ServerExchange::when_draining(std::function<void()> tell) {
  if (draining_ && tell) return tell();
  on_drain_ = std::move(tell);
}

void ServerExchange::drain() {
  draining_ = true;
  if (const auto tell = std::exchange(on_drain_, nullptr)) tell();
}

std::string ServerExchange::take_unread() {
  std::string unread(input_.unread());
  input_.use(unread.size());
  return unread;
}

}  // namespace relay
