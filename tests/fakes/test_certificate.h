// A self-signed certificate and its key, made anew for each test run.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace relay::test {

/// `alternative_name`: "DNS:localhost" or "IP:127.0.0.1".
inline void write_certificate(const std::string& certificate_file, const std::string& key_file,
                              const std::string& alternative_name) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  if (!key || !certificate) throw std::runtime_error("no test certificate");
  auto* x509 = certificate.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key.get());
  auto* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("relay test"),
                             -1, -1, 0);
  X509_set_issuer_name(x509, name);
  const auto extend = [x509](int kind, const std::string& value) {
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_subject_alt_name, alternative_name);
  extend(NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(x509, key.get(), EVP_sha256());

  const auto write = [](const std::string& path, auto&& put) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    if (file == nullptr) throw std::runtime_error("cannot write " + path);
    put(file);
    std::fclose(file);
  };
  write(certificate_file, [x509](std::FILE* file) { PEM_write_X509(file, x509); });
  write(key_file, [&key](std::FILE* file) {
    PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace relay::test
