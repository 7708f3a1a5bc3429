#include "service/ways_in.h"

namespace relay {

Task<User> WaysIn::close(std::string user_id) {
  UserChanges changes;
  changes.password_hash = "";
  CO_TRY(auto changed, co_await parts_.users.update(user_id, std::move(changes), parts_.clock.now()));
  CO_CHECK(co_await parts_.two_factors.remove(user_id));
  CO_TRY(const auto links, co_await parts_.identities.list(user_id));
  for (const auto& link : links) {
    auto removed = co_await parts_.identities.remove(user_id, link.id);
    if (removed.has_error() && removed.error().kind() != ErrorKind::not_found) {
      co_return std::move(removed).error();
    }
  }
  // Last: what was opened by one of them until now ends too.
  CO_CHECK(co_await parts_.sessions.end_all(user_id, ""));
  co_return changed;
}

}  // namespace relay
