#include "domain/key_access.h"

namespace relay {

Result<> KeyAccess::check_usable(WallTime now) const {
  if (key_status == ApiKeyStatus::revoked || (secret_until && *secret_until <= now)) {
    return Error(ErrorKind::unauthorized, "api_key_revoked", "Invalid API key");
  }
  if (key_status != ApiKeyStatus::active) {
    return Error(ErrorKind::unauthorized, "api_key_inactive", "API key is not active");
  }
  if (expires_at && *expires_at <= now) {
    return Error(ErrorKind::unauthorized, "api_key_expired", "API key has expired");
  }
  if (user_status != UserStatus::active) {
    return Error(ErrorKind::forbidden, "account_inactive", "Account is not active");
  }
  return {};
}

}  // namespace relay
