// What OpenSSL says of a failure, for the log.
#pragma once

#include <string>

namespace relay {

/// Takes the newest error from this thread's queue and empties it. Never has key material in it.
std::string take_openssl_error();

}  // namespace relay
