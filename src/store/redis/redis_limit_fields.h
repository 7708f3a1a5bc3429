// Limits and budgets as fields of the rows that have them: keys, users and plans.
#pragma once

#include "domain/budget.h"
#include "domain/rate_limit.h"
#include "store/redis/redis_row.h"
#include "store/redis/redis_words.h"

namespace relay {

void read(RedisRow& row, RateLimit& limits);
void read(RedisRow& row, Budget& budget);
void set(RedisFields& fields, const RateLimit& limits);
void set(RedisFields& fields, const Budget& budget);

}  // namespace relay
