// API keys as rows of Redis.
#pragma once

#include "domain/key_access.h"
#include "store/api_key_store.h"
#include "store/redis/redis_row.h"
#include "store/redis/redis_words.h"

namespace relay {

/// internal for a broken row.
Result<ApiKey> to_api_key(const RedisReply& row);

/// From {key, user, plan, whether it was found by its secret before this one}.
Result<KeyAccess> to_key_access(const RedisReply& rows);

RedisFields to_fields(const ApiKey& key);
RedisFields to_fields(const ApiKeyChanges& changes, WallTime now);

}  // namespace relay
