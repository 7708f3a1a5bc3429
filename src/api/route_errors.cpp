#include "api/route_errors.h"

#include "http/error_answer.h"

#include <algorithm>

namespace relay {
namespace {

// A kind stated without codes stays so: it may have any.
void add(Errors& errors, const StatedError& more) {
  const auto known = std::ranges::find(errors, more.kind, &StatedError::kind);
  if (known == errors.end()) {
    errors.push_back(more);
  } else if (more.codes.empty() || known->codes.empty()) {
    known->codes.clear();
  } else {
    for (const auto code : more.codes) {
      if (std::ranges::find(known->codes, code) == known->codes.end()) known->codes.push_back(code);
    }
  }
}

}  // namespace

Errors errors_of(const Route& route) {
  Errors errors;
  for (const auto& error : route.spec.errors) add(errors, error);
  const bool takes_input =
      route.query != nullptr || route.body != nullptr || route.spec.path.find('{') != std::string_view::npos;
  if (takes_input) add(errors, {ErrorKind::validation, {"invalid_request"}});
  if (route.body != nullptr) {
    add(errors, {ErrorKind::validation, {"invalid_json", "duplicate_field"}});
    add(errors, {ErrorKind::payload_too_large, {"body_too_large", "request_too_large"}});
    add(errors, {ErrorKind::unsupported_media_type, {"unsupported_media_type"}});
  }
  if (route.spec.access != Access::open) {
    add(errors, {ErrorKind::unauthorized, {"token_missing"}});
    add(errors, {ErrorKind::token_expired, {"token_expired"}});
    add(errors, {ErrorKind::token_invalid, {"token_invalid", "session_ended"}});
    add(errors, {ErrorKind::forbidden, {"account_inactive"}});
  }
  if (route.spec.access == Access::admin) add(errors, {ErrorKind::forbidden, {"admin_required"}});
  add(errors, ErrorKind::internal);
  add(errors, ErrorKind::unavailable);
  std::ranges::sort(errors, {}, &StatedError::kind);
  return errors;
}

bool states(const Route& route, const Error& error) {
  if (status_of(error.kind(), ErrorShape::client_api) >= 500) return true;
  const bool is_about_the_body =
      error.kind() == ErrorKind::payload_too_large || error.kind() == ErrorKind::unsupported_media_type;
  if (is_about_the_body) return true;  // of a body, too, that nobody asked for
  const auto errors = errors_of(route);
  const auto known = std::ranges::find(errors, error.kind(), &StatedError::kind);
  if (known == errors.end()) return false;
  return known->codes.empty() || std::ranges::find(known->codes, error.code()) != known->codes.end();
}

}  // namespace relay
