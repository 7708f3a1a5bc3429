// Errors that several routes state.
#pragma once

#include "api/route.h"

namespace relay {

inline const StatedError kTooManyTries{ErrorKind::too_many_requests, {"too_many_attempts"}};
inline const StatedError kBadEmail{ErrorKind::validation, {"fields_required", "email_invalid"}};
inline const StatedError kBadRange{ErrorKind::validation,
                                   {"usage_query_invalid", "range_empty", "range_too_long"}};
inline const StatedError kNoSuchKey{ErrorKind::not_found, {"api_key_unknown"}};
inline const StatedError kInactive{ErrorKind::forbidden, {"account_inactive"}};

/// Of a password that somebody has, in one of its two forms.
inline const StatedError kBadEncryption{ErrorKind::security, {"nonce_invalid", "decryption_failed"}};
inline const StatedError kPlaintextRefused{ErrorKind::validation, {"plaintext_password_refused"}};
inline const StatedError kWrongPassword{ErrorKind::unauthorized, {"invalid_credentials"}};

/// Of a new one.
inline const StatedError kBadPassword{ErrorKind::validation,
                                      {"plaintext_password_refused", "passwords_differ", "password_invalid",
                                       "password_too_short", "password_too_long", "password_too_common"}};

}  // namespace relay
