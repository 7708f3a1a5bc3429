#include "oauth/oauth_provider.h"

namespace relay {

Error oauth_failed(std::string cause) {
  return Error(ErrorKind::unauthorized, "oauth_failed", "The sign-in did not work. Please try again.")
      .because(std::move(cause));
}

Error oauth_unavailable(const Error& cause) {
  return Error(ErrorKind::unavailable, "oauth_unavailable",
               "The sign-in service does not answer. Please try again later.")
      .because(cause.cause().empty() ? cause.message() : cause.cause())
      .retry_in(cause.retry_after().value_or(std::chrono::seconds(5)));
}

}  // namespace relay
