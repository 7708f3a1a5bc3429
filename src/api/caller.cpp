#include "api/caller.h"

namespace relay {
namespace {

constexpr std::string_view kScheme = "bearer ";

// The scheme's letters are of either case (RFC 9110 11.1).
std::string_view bearer_token(std::string_view authorization) {
  if (authorization.size() <= kScheme.size()) return {};
  if (!same_header_name(authorization.substr(0, kScheme.size()), kScheme)) return {};
  auto token = authorization.substr(kScheme.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  return token;
}

}  // namespace

Task<Call> identify(Access access, std::string authorization, Call call, SessionService& sessions) {
  if (access == Access::open) co_return call;
  const auto token = bearer_token(authorization);
  if (token.empty()) {
    co_return Error(ErrorKind::unauthorized, "token_missing", "Authentication is required");
  }
  CO_TRY(auto who, co_await sessions.authenticate(std::string(token)));
  if (access == Access::admin && who.role != UserRole::admin) {
    co_return Error(ErrorKind::forbidden, "admin_required", "Only for administrators");
  }
  call.user_id = std::move(who.user_id);
  call.session_id = std::move(who.session_id);
  call.role = who.role;
  co_return call;
}

}  // namespace relay
