// Who calls: the bearer check of the client API.
#pragma once

#include "api/route.h"
#include "service/session_service.h"

namespace relay {

/// Fills user_id, session_id and role of `call`. unauthorized "token_missing" without a bearer token, else
/// as SessionService::authenticate says; forbidden "admin_required". An open route asks for nothing.
Task<Call> identify(Access access, std::string authorization, Call call, SessionService& sessions);

}  // namespace relay
