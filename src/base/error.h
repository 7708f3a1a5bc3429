// The one error type. Every layer returns it; http/error_answer.cpp alone turns it into HTTP.
#pragma once

#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// What went wrong, in the words of the client API. One kind is one HTTP status.
enum class ErrorKind {
  validation,              // 400
  security,                // 400: nonce, decryption
  unauthorized,            // 401
  token_expired,           // 401: an access token past its time
  token_invalid,           // 401: an access token that is not ours
  payment_required,        // 402: the budget is spent
  forbidden,               // 403
  limit_exceeded,          // 403: the plan's number of things
  not_found,               // 404
  method_not_allowed,      // 405
  conflict,                // 409
  payload_too_large,       // 413
  uri_too_long,            // 414
  unsupported_media_type,  // 415
  upgrade_required,        // 426
  too_many_requests,       // 429, always with retry_after
  head_too_large,          // 431
  internal,                // 500
  bad_gateway,             // 502: an upstream broke the protocol or can't be reached
  unavailable,             // 503: a store, a pool or an upstream is away
  gateway_timeout,         // 504: an upstream did not answer in time
  overloaded,              // 529: past the in-flight bound
};

/// One wrong field of a request. `field` is the JSON name, dotted for nested ones.
struct FieldError {
  std::string field;
  std::string message;
};

/// Why a call failed. Owns all its text but `code`, which is a literal.
class [[nodiscard]] Error {
 public:
  /// `code` is a stable word for programs ("password_too_short") with static storage.
  /// `message` is shown to the client: no secret, no SQL, no path.
  Error(ErrorKind kind, std::string_view code, std::string message)
      : kind_(kind), code_(code), message_(std::move(message)) {}
  template <std::same_as<std::string> Text>
  Error(ErrorKind kind, Text&& code, std::string message) = delete;  // it would be gone

  ErrorKind kind() const { return kind_; }
  std::string_view code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& cause() const { return cause_; }
  const std::vector<FieldError>& fields() const { return fields_; }
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }

  /// Adds what only the log may see, e.g. a driver's own words.
  Error& because(std::string cause) &;
  Error&& because(std::string cause) && { return std::move(because(std::move(cause))); }

  Error& on_field(std::string field, std::string message) &;
  Error&& on_field(std::string field, std::string message) && {
    return std::move(on_field(std::move(field), std::move(message)));
  }

  Error&& retry_in(std::chrono::seconds delay) && {
    retry_after_ = delay;
    return std::move(*this);
  }

 private:
  ErrorKind kind_;
  std::string_view code_;
  std::string message_;
  std::string cause_;
  std::vector<FieldError> fields_;
  std::optional<std::chrono::seconds> retry_after_;
};

}  // namespace relay
