// Accounts whose name nobody typed: when it is taken, a number is put behind it.
#pragma once

#include "async/task.h"
#include "store/user_store.h"

namespace relay {

/// Inserts `user` under their username, or that with 2, 3, … behind it; returns them as they were inserted.
/// UserStore::insert's errors; conflict "username_taken" when a hundred are. `users` outlives the call.
Task<User> insert_under_free_name(UserStore& users, User user);

}  // namespace relay
