#pragma once

#include "store/store_under_test.h"

namespace relay::test {

/// On the test program's own Redis, under a prefix of its own.
StoreMaker redis_maker();

/// The same on a cluster of three nodes, started at its first use: no script may reach over slots.
StoreMaker redis_cluster_maker();

}  // namespace relay::test
