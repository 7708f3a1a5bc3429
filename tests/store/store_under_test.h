// What a store must be able to show to take part in the contracts. A store joins by adding its maker.
#pragma once

#include "store/all_stores.h"
#include "store/api_key_store.h"
#include "store/audit_store.h"
#include "store/billing_store.h"
#include "store/email_token_store.h"
#include "store/identity_store.h"
#include "store/job_lease_store.h"
#include "store/known_device_store.h"
#include "store/notification_store.h"
#include "store/outbox_store.h"
#include "store/plan_store.h"
#include "store/price_store.h"
#include "store/provider_object_store.h"
#include "store/revision_store.h"
#include "store/row_store.h"
#include "store/secret_store.h"
#include "store/session_store.h"
#include "store/two_factor_store.h"
#include "store/upstream_account_store.h"
#include "store/usage_store.h"
#include "store/user_store.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace relay::test {

/// What every store under test chains its audit trail with.
inline constexpr const char* kAuditSecret = "a secret of thirty-two bytes here";

/// Every door on an empty database at the newest version, and what it needs to live.
using StoreUnderTest = AllStores;

struct StoreMaker {
  std::string name;
  std::unique_ptr<StoreUnderTest> (*make)();
  friend std::ostream& operator<<(std::ostream& out, const StoreMaker& maker) { return out << maker.name; }
};

/// Every store that this run can reach.
std::vector<StoreMaker> store_makers();

}  // namespace relay::test
