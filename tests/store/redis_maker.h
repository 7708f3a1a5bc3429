#pragma once

#include "store/store_under_test.h"

namespace relay::test {

/// On the test program's own Redis, under a prefix of its own.
StoreMaker redis_maker();

}  // namespace relay::test
