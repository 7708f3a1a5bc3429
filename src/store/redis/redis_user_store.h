#pragma once

#include "store/user_store.h"

namespace relay {

class RedisDatabase;

/// Table users; user_store.lua. `database` must outlive it.
class RedisUserStore final : public UserStore {
 public:
  explicit RedisUserStore(RedisDatabase& database) : database_(database) {}

  Task<> insert(User user) override;
  Task<User> find(std::string user_id) override;
  Task<User> find_by_email(EmailAddress email) override;
  Task<User> update(std::string user_id, UserChanges changes, WallTime now) override;
  Task<> record_login(std::string user_id, WallTime now) override;
  Task<Page<User>> list(UserFilter filter, PageRequest page) override;
  Task<> erase(std::string user_id, WallTime now) override;
  Task<std::int64_t> delete_erased(WallTime before, int limit) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
