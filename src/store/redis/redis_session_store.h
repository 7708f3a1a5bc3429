#pragma once

#include "store/session_store.h"

namespace relay {

class RedisDatabase;

/// Tables sessions and session_spent_tokens; session_store.lua. `database` must outlive it.
class RedisSessionStore final : public SessionStore {
 public:
  explicit RedisSessionStore(RedisDatabase& database) : database_(database) {}

  Task<> insert(Session session) override;
  Task<Session> find(std::string session_id) override;
  Task<RefreshMatch> find_by_refresh_hash(std::string refresh_hash) override;
  Task<> rotate(std::string session_id, std::string from_hash, std::string to_hash, WallTime now,
                WallTime expires_at) override;
  Task<std::vector<Session>> list_live(std::string user_id, WallTime now) override;
  Task<std::vector<std::string>> addresses_of(EmailAddress email) override;
  Task<> revoke(std::string user_id, std::string session_id, WallTime now) override;
  Task<std::vector<std::string>> revoke_family(std::string family_id, WallTime now) override;
  Task<std::vector<std::string>> revoke_all(std::string user_id, std::string except_session_id,
                                            WallTime now) override;
  Task<std::int64_t> delete_ended(WallTime before, int limit) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
