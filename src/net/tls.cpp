#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <stdexcept>
#include <string_view>

namespace relay {
namespace {

std::string tls_words() {
  char text[256] = "unknown reason";
  if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

std::shared_ptr<ssl_ctx_st> make_context(const SSL_METHOD* method) {
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) throw std::runtime_error("TLS: " + tls_words());
  // OpenSSL writes with write(2), which has no MSG_NOSIGNAL: a peer that is gone would end the process.
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  return context;
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// We speak HTTP/1.1 only; a peer that chose h2 would not be understood.
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_http11(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                  unsigned in_length, void*) {
  for (unsigned at = 0; at + 1 < in_length; at += in[at] + 1U) {
    if (at + 1U + in[at] > in_length) break;
    const std::string_view name(reinterpret_cast<const char*>(in + at + 1), in[at]);
    if (name != "http/1.1") continue;
    *out = in + at + 1;
    *out_length = in[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

TlsClient::TlsClient(const std::string& ca_file) : context_(make_context(TLS_client_method())) {
  if (SSL_CTX_set_default_verify_paths(context_.get()) != 1) throw std::runtime_error("TLS: " + tls_words());
  if (!ca_file.empty() && SSL_CTX_load_verify_locations(context_.get(), ca_file.c_str(), nullptr) != 1) {
    throw std::runtime_error("TLS: cannot read the authorities in " + ca_file + ": " + tls_words());
  }
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(context_.get(), kHttp11, sizeof kHttp11);
}

TlsClient::~TlsClient() = default;

ssl_st* TlsClient::make_session(int descriptor, const std::string& host) const {
  SSL* session = SSL_new(context_.get());
  if (session == nullptr) return nullptr;
  auto* rules = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool named = false;
  if (is_address(host)) {
    named = X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  } else {
    // The name goes into the hello too (RFC 6066 3); addresses must not.
    named = SSL_set1_host(session, host.c_str()) == 1 && SSL_set_tlsext_host_name(session, host.c_str()) == 1;
  }
  if (!named || SSL_set_fd(session, descriptor) != 1) {
    SSL_free(session);
    return nullptr;
  }
  SSL_set_connect_state(session);
  return session;
}

TlsServer::TlsServer(const std::string& certificate_file, const std::string& key_file)
    : context_(make_context(TLS_server_method())) {
  if (SSL_CTX_use_certificate_chain_file(context_.get(), certificate_file.c_str()) != 1) {
    throw std::runtime_error("TLS: cannot read the certificate " + certificate_file + ": " + tls_words());
  }
  if (SSL_CTX_use_PrivateKey_file(context_.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("TLS: cannot read the key " + key_file + ": " + tls_words());
  }
  if (SSL_CTX_check_private_key(context_.get()) != 1) {
    throw std::runtime_error("TLS: the key " + key_file + " does not belong to " + certificate_file);
  }
  SSL_CTX_set_alpn_select_cb(context_.get(), choose_http11, nullptr);
}

TlsServer::~TlsServer() = default;

ssl_st* TlsServer::make_session(int descriptor) const {
  SSL* session = SSL_new(context_.get());
  if (session == nullptr) return nullptr;
  if (SSL_set_fd(session, descriptor) != 1) {
    SSL_free(session);
    return nullptr;
  }
  SSL_set_accept_state(session);
  return session;
}

}  // namespace relay
