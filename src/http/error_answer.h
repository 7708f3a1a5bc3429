// The one place that turns an Error into HTTP.
#pragma once

#include "base/error.h"
#include "http/message.h"

#include <string_view>

namespace relay {

/// Whose words the body uses: the client API's own, or those of the provider that is stood in for.
enum class ErrorShape { client_api, anthropic, openai };

/// The status an error of this kind answers with in this shape.
int status_of(ErrorKind kind, ErrorShape shape);

/// The word for this kind in this shape: "ValidationError", "invalid_request_error", …
std::string_view kind_name(ErrorKind kind, ErrorShape shape);

/// The whole answer. Retry-After stands on every 429, 503 and 529; `x-should-retry: false` in the
/// providers' shapes where no retry can mend it. The cause of the error is never in it.
HttpAnswer error_answer(const Error& error, ErrorShape shape, std::string_view request_id);

/// 405 with the Allow header (RFC 9110 15.5.6). `allow` is its value: "GET, POST".
HttpAnswer method_not_allowed_answer(std::string_view allow, ErrorShape shape, std::string_view request_id);

}  // namespace relay
