#include "coordination/store/store_invalidation.h"

#include "coordination/listener_fake.h"
#include "store/store_contract.h"

#include <atomic>

namespace relay::test {
namespace store_invalidation_test {

using namespace std::chrono_literals;
using Heard = std::vector<std::string>;

class AwayRevisions final : public RevisionStore {
 public:
  explicit AwayRevisions(RevisionStore& store) : store_(store) {}
  std::atomic<bool> away{false};
  std::atomic<int> asked{0};
  Task<std::int64_t> bump() override {
    ++asked;
    if (away) co_return Error(ErrorKind::unavailable, "store_away", "away");
    co_return co_await store_.bump();
  }
  Task<std::int64_t> current() override {
    ++asked;
    if (away) co_return Error(ErrorKind::unavailable, "store_away", "away");
    co_return co_await store_.current();
  }

 private:
  RevisionStore& store_;
};

class StoreInvalidationTest : public StoreContract {
 protected:
  StoreInvalidationTest() {
    here_.subscribe(hears_here_);
    there_.subscribe(hears_there_);
  }
  AwayRevisions revisions_{store_->revisions()};
  HearingListener hears_here_, hears_there_;
  StoreInvalidation here_{revisions_}, there_{revisions_};
};

TEST_P(StoreInvalidationTest, TellsItsOwnNodeAtOnceAndOthersAtTheirNextLook) {
  here_.look();
  there_.look();
  here_.user_changed("usr_1");
  here_.session_ended("ses_1");
  EXPECT_EQ(hears_here_.heard(), (Heard{"user usr_1", "session ses_1"}));
  there_.look();
  EXPECT_EQ(hears_there_.heard(), Heard{}) << "not added yet";
  here_.look();
  there_.look();
  EXPECT_EQ(hears_there_.heard(), Heard{"anything"}) << "both at once";
  here_.look();
  there_.look();
  EXPECT_EQ(hears_here_.heard(), (Heard{"user usr_1", "session ses_1"})) << "its own is no news";
  EXPECT_EQ(hears_there_.heard(), Heard{"anything"});
}

TEST_P(StoreInvalidationTest, HearsOfOthersWhileItHasNewsOfItsOwn) {
  here_.look();
  there_.look();
  there_.plan_changed("pro");
  there_.look();
  here_.plan_changed("free");
  here_.look();
  EXPECT_EQ(hears_here_.heard(), (Heard{"plan free", "anything"}));
}

TEST_P(StoreInvalidationTest, AddsWhatWaitedWhenTheStoreIsBack) {
  here_.look();
  there_.look();
  revisions_.away = true;
  here_.user_changed("usr_1");
  here_.look();
  there_.look();
  EXPECT_EQ(hears_here_.heard(), Heard{"user usr_1"});
  revisions_.away = false;
  here_.look();
  there_.look();
  EXPECT_EQ(hears_there_.heard(), Heard{"anything"});
}

TEST_P(StoreInvalidationTest, TakesLessThanASecondFromNodeToNode) {
  here_.start();
  there_.start();
  for (int i = 0; i < 100 && revisions_.asked < 2; ++i) std::this_thread::sleep_for(10ms);
  here_.user_changed("usr_1");
  EXPECT_TRUE(hears_there_.hears("anything", 1s));
  revisions_.away = true;
  const int before = revisions_.asked;
  here_.user_changed("usr_2");
  std::this_thread::sleep_for(700ms);
  EXPECT_LT(revisions_.asked - before, 8) << "no busy loop while the store is away";
  revisions_.away = false;
  hears_there_.forget();
  EXPECT_TRUE(hears_there_.hears("anything", 2s));
  here_.stop();
  there_.stop();
}

RELAY_EVERY_STORE(StoreInvalidationTest);

}  // namespace store_invalidation_test
}  // namespace relay::test
