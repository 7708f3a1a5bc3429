// The TLS half of Stream: OpenSSL works on the descriptor itself, so an idle stream holds no buffers.
#include "net/stream.h"

#include "net/turn_io.h"

#include <boost/asio/post.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace relay {
namespace {

std::string last_tls_error(ssl_st* session) {
  if (const auto verdict = SSL_get_verify_result(session); verdict != X509_V_OK) {
    return X509_verify_cert_error_string(verdict);
  }
  std::string words = "the peer closed the connection";
  if (const auto code = ERR_peek_last_error(); code != 0) {
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    words = text;
  }
  return words;
}

}  // namespace

void Stream::use_tls(ssl_st* session) {
  tls_ = session;
  // Idle sessions give their record buffers back; a partial write may go on from another address.
  SSL_set_mode(session, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

Awaitable<bool> Stream::handshake() {
  while (descriptor_ >= 0) {
    ERR_clear_error();
    const int done = SSL_do_handshake(tls_);
    if (done == 1) co_return true;
    const int wants = SSL_get_error(tls_, done);
    bool open = false;
    if (wants == SSL_ERROR_WANT_READ) {
      drained(true);
      open = co_await readable();
    } else if (wants == SSL_ERROR_WANT_WRITE) {
      open = co_await writable();
    } else {
      tls_failure_ = last_tls_error(tls_);
      co_return false;
    }
    if (!open) tls_failure_ = timed_out_ ? "the handshake took too long" : "the stream was closed";
  }
  co_return false;
}

ReadOutcome Stream::read_tls(std::span<char> out) {
  using Status = ReadOutcome::Status;
  ERR_clear_error();
  std::size_t got = 0;
  const int done = SSL_read_ex(tls_, out.data(), out.size(), &got);
  if (done == 1) {
    // More records may lie in the session or the socket: only WANT_READ says there are none.
    may_be_readable_ = true;
    return {Status::data, got};
  }
  switch (SSL_get_error(tls_, done)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      drained(true);
      return {Status::would_block, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Status::end, 0};
    default:
      return {Status::failed, 0};  // a TCP end without close_notify is a cut (RFC 8446 6.1)
  }
}

// Session tickets and key updates are read on the way and are no sign of life or death.
Stream::Quiet Stream::look_at_tls_peer() {
  ERR_clear_error();
  char byte;
  std::size_t got = 0;
  const int done = SSL_peek_ex(tls_, &byte, 1, &got);
  if (done == 1) return Quiet::bytes_wait;
  const int wants = SSL_get_error(tls_, done);
  if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) return Quiet::peer_gone;
  drained(true);
  return Quiet::yes;
}

WriteOutcome Stream::write_tls(std::span<const iovec> parts) {
  using Status = WriteOutcome::Status;
  std::size_t taken = 0;
  for (const auto& part : parts) {
    std::size_t offset = 0;
    while (offset < part.iov_len) {
      ERR_clear_error();
      std::size_t sent = 0;
      const int done =
          SSL_write_ex(tls_, static_cast<const char*>(part.iov_base) + offset, part.iov_len - offset, &sent);
      if (done != 1) {
        const int wants = SSL_get_error(tls_, done);
        const bool later = wants == SSL_ERROR_WANT_WRITE || wants == SSL_ERROR_WANT_READ;
        return {later ? Status::partial : Status::failed, taken};
      }
      offset += sent;
      taken += sent;
    }
  }
  return {Status::done, taken};
}

// TLS 1.3 lets one side end alone (RFC 8446 6.1): close_notify first, or the peer takes it for a cut.
void Stream::shut_sending() {
  if (descriptor_ < 0) return;
  if (tls_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(tls_);
  }
  ::shutdown(descriptor_, SHUT_WR);
}

// For a reset: a close_notify would say that all has been sent.
void Stream::forget_tls() {
  if (tls_ != nullptr) SSL_free(std::exchange(tls_, nullptr));
}

void Stream::close() {
  if (descriptor_ < 0) return;
  if (turn_ != nullptr) turn_->forget(*this);
  deadline_.clear();
  look_for_end_.clear();
  on_gone_ = nullptr;
  readiness_.release();
  if (tls_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(tls_);  // one try at close_notify; nobody waits for the answer
    SSL_free(std::exchange(tls_, nullptr));
  }
  ::close(std::exchange(descriptor_, -1));
  // Who waits is resumed at the loop's next turn: the closer may be inside that coroutine's caller.
  resume_later(reader_);
  resume_later(writer_);
}

}  // namespace relay
