#include "crypto/jws.h"

#include "text/base64.h"

extern "C" {
#include <jose/jws.h>
}

#include <array>
#include <memory>
#include <optional>

namespace relay {
namespace {

constexpr std::size_t kJwkBytesMax = 8 * 1024;
// Of base64url: 256 bytes are 342 letters, 1024 are 1366. An exponent is three bytes and never over eight.
constexpr std::size_t kModulusLettersMin = 342;
constexpr std::size_t kModulusLettersMax = 1366;
constexpr std::size_t kExponentLettersMax = 11;

struct FreeJson {
  void operator()(json_t* value) const { json_decref(value); }
};
using Json = std::unique_ptr<json_t, FreeJson>;

struct FreeConfig {
  void operator()(jose_cfg_t* config) const { jose_cfg_decref(config); }
};
using Config = std::unique_ptr<jose_cfg_t, FreeConfig>;

// libjose's own handler writes to stderr.
void say_nothing(void*, const char*, int, uint64_t, const char*, va_list) {}

Error malformed(const char* cause) {
  return Error(ErrorKind::unauthorized, "token_malformed", "Invalid token").because(cause);
}

Error refused(const char* cause) {
  return Error(ErrorKind::unauthorized, "signature_invalid", "Invalid token").because(cause);
}

std::optional<std::array<std::string_view, 3>> split(std::string_view token) {
  const auto first = token.find('.');
  if (token.size() > kJwsBytesMax || first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return std::array{token.substr(0, first), token.substr(first + 1, second - first - 1),
                    token.substr(second + 1)};
}

Json read_object(std::string_view text) {
  Json value(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr));
  return json_is_object(value.get()) ? std::move(value) : nullptr;
}

std::string text_of(const json_t* object, const char* name) {
  const auto* value = json_object_get(object, name);
  return json_is_string(value) ? std::string(json_string_value(value), json_string_length(value))
                               : std::string();
}

// The public parts of the key and nothing else of what the provider wrote; null when it does not go with
// the algorithm.
Json public_key_for(const std::string& algorithm, const json_t* jwk) {
  const bool is_rsa = algorithm == "RS256" || algorithm == "PS256";
  const bool is_ec = algorithm == "ES256";
  const auto kind = text_of(jwk, "kty");
  const auto use = text_of(jwk, "use");
  const auto bound_to = text_of(jwk, "alg");
  if ((!use.empty() && use != "sig") || (!bound_to.empty() && bound_to != algorithm)) return nullptr;
  if (is_rsa && kind == "RSA") {
    const auto modulus = text_of(jwk, "n");
    const auto exponent = text_of(jwk, "e");
    if (modulus.size() < kModulusLettersMin || modulus.size() > kModulusLettersMax || exponent.empty() ||
        exponent.size() > kExponentLettersMax) {
      return nullptr;
    }
    return Json(json_pack("{s:s,s:s,s:s,s:s}", "kty", "RSA", "n", modulus.c_str(), "e", exponent.c_str(),
                          "alg", algorithm.c_str()));
  }
  if (is_ec && kind == "EC" && text_of(jwk, "crv") == "P-256") {
    return Json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "kty", "EC", "crv", "P-256", "x",
                          text_of(jwk, "x").c_str(), "y", text_of(jwk, "y").c_str(), "alg",
                          algorithm.c_str()));
  }
  return nullptr;
}

}  // namespace

Result<JwsHeader> read_jws_header(std::string_view token) {
  const auto parts = split(token);
  if (!parts) return malformed("not three parts");
  const auto text = parse_base64url((*parts)[0]);
  if (!text || !parse_base64url((*parts)[1]) || !parse_base64url((*parts)[2]))
    return malformed("not base64url");
  const auto header = read_object(*text);
  if (!header) return malformed("the header is no object");
  if (json_object_get(header.get(), "crit") != nullptr) return malformed("a critical extension");
  return JwsHeader{.algorithm = text_of(header.get(), "alg"), .key_id = text_of(header.get(), "kid")};
}

Result<std::string> verify_jws(std::string_view token, std::string_view jwk) {
  TRY(const auto header, read_jws_header(token));
  if (jwk.size() > kJwkBytesMax) return refused("the key is too long");
  const auto key_object = read_object(jwk);
  if (!key_object) return refused("the key is no object");
  const auto key = public_key_for(header.algorithm, key_object.get());
  if (!key) return refused("the algorithm and the key do not go together");
  const auto parts = *split(token);
  const Json jws(json_pack("{s:s%,s:s%,s:s%}", "protected", parts[0].data(), parts[0].size(), "payload",
                           parts[1].data(), parts[1].size(), "signature", parts[2].data(), parts[2].size()));
  const Config config(jose_cfg());
  if (!jws || !config) return refused("out of memory");
  jose_cfg_set_err_func(config.get(), &say_nothing, nullptr);
  if (!jose_jws_ver(config.get(), jws.get(), nullptr, key.get(), true)) return refused("wrong signature");
  return *parse_base64url(parts[1]);
}

}  // namespace relay
