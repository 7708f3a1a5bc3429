#include "store/store_contract.h"

#include <mutex>
#include <set>
#include <thread>

namespace relay::test {
namespace revision_store_test {

class RevisionStoreContract : public StoreContract {
 protected:
  RevisionStore& revisions_ = store_->revisions();
};

TEST_P(RevisionStoreContract, Grows) {
  const auto first = await(revisions_.current()).value();
  EXPECT_EQ(await(revisions_.bump()).value(), first + 1);
  EXPECT_EQ(await(revisions_.current()).value(), first + 1);
}

TEST_P(RevisionStoreContract, GivesEachCallerANumberOfItsOwn) {
  std::mutex mutex;
  std::set<std::int64_t> numbers;
  std::vector<std::thread> nodes;
  for (int n = 0; n < 4; ++n) {
    nodes.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        const auto number = await(revisions_.bump()).value();
        const std::lock_guard lock(mutex);
        numbers.insert(number);
      }
    });
  }
  for (auto& node : nodes) node.join();
  EXPECT_EQ(numbers.size(), 20U);
  EXPECT_EQ(await(revisions_.current()).value(), *numbers.rbegin());
}

RELAY_EVERY_STORE(RevisionStoreContract);

}  // namespace revision_store_test
}  // namespace relay::test
