#include "net/tls_bytes.h"

#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <new>

namespace relay {

void TlsBytes::Free::operator()(ssl_st* session) const { SSL_free(session); }

TlsBytes::TlsBytes(const TlsClient& client, const std::string& host)
    : session_(client.make_session(-1, host)) {
  auto* received = BIO_new(BIO_s_mem());
  auto* sent = BIO_new(BIO_s_mem());
  if (!session_ || received == nullptr || sent == nullptr) {
    BIO_free(received);
    BIO_free(sent);
    throw std::bad_alloc();
  }
  BIO_set_mem_eof_return(received, -1);  // empty: more may come
  SSL_set_bio(session_.get(), received, sent);
  SSL_set_alpn_protos(session_.get(), nullptr, 0);  // what is spoken in here is not HTTP
  std::string nothing;
  static_cast<void>(take({}, nothing));
}

TlsBytes::~TlsBytes() = default;

bool TlsBytes::is_established() const { return SSL_is_init_finished(session_.get()) == 1; }

bool TlsBytes::take(std::string_view received, std::string& plain) {
  if (!failure_.empty()) return false;
  ERR_clear_error();
  auto* incoming = SSL_get_rbio(session_.get());
  // A memory BIO takes all or is out of memory.
  if (!received.empty() && BIO_write(incoming, received.data(), static_cast<int>(received.size())) <= 0) {
    failure_ = "TLS: out of memory";
    return false;
  }
  bool good = true;
  if (!is_established()) {
    const int result = SSL_do_handshake(session_.get());
    good = result == 1 || fail(result);
  }
  if (good && is_established()) good = read_plain(plain);
  collect();
  return good;
}

bool TlsBytes::read_plain(std::string& plain) {
  std::array<char, 16 * 1024> room{};  // a record
  while (true) {
    const int bytes = SSL_read(session_.get(), room.data(), static_cast<int>(room.size()));
    if (bytes <= 0) return fail(bytes);
    plain.append(room.data(), static_cast<std::size_t>(bytes));
  }
}

bool TlsBytes::put(std::string_view plain) {
  if (!failure_.empty()) return false;
  ERR_clear_error();
  while (!plain.empty()) {
    const auto part = plain.substr(0, 1UL << 20);
    const int bytes = SSL_write(session_.get(), part.data(), static_cast<int>(part.size()));
    if (bytes <= 0) {
      static_cast<void>(fail(bytes));
      if (failure_.empty()) failure_ = "TLS: a write was not taken";
      return false;
    }
    plain.remove_prefix(static_cast<std::size_t>(bytes));
  }
  collect();
  return true;
}

void TlsBytes::collect() {
  auto* sent = SSL_get_wbio(session_.get());
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(sent, &bytes);
  if (size > 0) outgoing_.append(bytes, static_cast<std::size_t>(size));
  static_cast<void>(BIO_reset(sent));
}

// True when nothing is wrong but that more bytes are needed.
bool TlsBytes::fail(int result) {
  const int why = SSL_get_error(session_.get(), result);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return true;
  if (why == SSL_ERROR_ZERO_RETURN) {
    failure_ = "the peer has closed the connection";
    return false;
  }
  failure_ = "TLS: ";
  const auto verified = SSL_get_verify_result(session_.get());
  if (verified != X509_V_OK) {
    failure_ += X509_verify_cert_error_string(verified);
  } else {
    std::array<char, 256> text{"broken off"};
    if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text.data(), text.size());
    failure_ += text.data();
  }
  ERR_clear_error();
  return false;
}

}  // namespace relay
