// What is done with a user's limits and budgets in Redis, each in one step. All on the one hash of the user.
#pragma once

#include "redis/redis_command.h"

namespace relay {

/// "1" to take (else to look), hold's id, its lease in ms, now in ms, how many limits; of each: field, owner,
/// "bucket", "requests" or "window", limit, "1" when it is soft, amount, start of its window.
/// Answers {0, states…}, {1, which refused, states…}, each state used, held and start; or {2, which are
/// unknown…}.
const RedisScript& quota_reserve_script();

/// What was found in the store, where nobody was quicker: field, start, sum of each.
const RedisScript& quota_learn_script();

/// Hold's id; of each count: field, start ("-" for a bucket), used. Once for each hold, for an hour.
const RedisScript& quota_settle_script();

/// Lease in ms, ids of holds that live.
const RedisScript& quota_renew_script();

}  // namespace relay
