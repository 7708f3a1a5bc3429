#include "metering/journal_slots.h"

#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"
#include "metering/fake_usage_store.h"
#include "metering/records.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

namespace relay {
namespace journal_slots_test {

using test::a_record;
using test::append;

class Slots : public testing::Test {
 protected:
  std::unique_ptr<JournalSlots> make() {
    return std::make_unique<JournalSlots>(
        JournalSettings{.folder = folder_.file("journal"), .segment_bytes = 8192}, clock_, random_,
        [](std::string_view) {});
  }

  test::TemporaryFolder folder_;
  test::FixedClock clock_;
  test::SeededRandom random_;
  test::FakeUsageStore store_;
};

TEST_F(Slots, GiveEachServerAJournalOfItsOwn) {
  const auto slots = make();
  auto first = slots->open().value();
  const auto first_node = first->node_id();
  const auto second = make()->open().value();
  EXPECT_NE(second->node_id(), first_node);
  // The first server has gone: the third one follows it.
  first.reset();
  const auto third = make()->open().value();
  EXPECT_EQ(third->node_id(), first_node);
}

TEST_F(Slots, AreNotWithoutEnd) {
  const auto slots = make();
  std::vector<std::unique_ptr<UsageJournal>> held;
  for (int i = 0; i < JournalSlots::kMost; ++i) held.push_back(slots->open().value());
  const auto refused = slots->open();
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code(), kJournalHeld);
}

TEST_F(Slots, StoreWhatADeadServerLeft) {
  const auto ours = make();
  {
    const auto dead = ours->open().value();
    const auto also_dead = ours->open().value();
    for (int i = 1; i <= 3; ++i) ASSERT_TRUE(append(*dead, a_record(i)).has_value());
    for (int i = 4; i <= 5; ++i) ASSERT_TRUE(append(*also_dead, a_record(i)).has_value());
  }
  const auto living = ours->open().value();  // in the first slot, and with what it found there
  ASSERT_TRUE(append(*living, a_record(6)).has_value());
  EXPECT_EQ(ours->store_left(store_).value(), 2) << "what a server has is its own to store";
  EXPECT_EQ(store_.rows.size(), 2U);
  EXPECT_EQ(ours->store_left(store_).value(), 0);
  for (const auto& [id, times] : store_.rows) EXPECT_EQ(times, 1) << id;
}

TEST_F(Slots, LookAgainWhereSomebodyHasBeen) {
  const auto ours = make();
  auto held = ours->open().value();
  auto next = ours->open().value();
  next.reset();
  EXPECT_EQ(ours->store_left(store_).value(), 0);
  next = ours->open().value();
  ASSERT_TRUE(append(*next, a_record(1)).has_value());
  next.reset();
  EXPECT_EQ(ours->store_left(store_).value(), 1);
}

TEST_F(Slots, KeepWhatTheStoreDidNotTake) {
  const auto ours = make();
  const auto held = ours->open().value();
  {
    const auto dead = ours->open().value();
    ASSERT_TRUE(append(*dead, a_record(1)).has_value());
  }
  store_.next_fault = test::FakeUsageStore::Fault::before_commit;
  EXPECT_TRUE(ours->store_left(store_).has_error() || !store_.rows.empty());
  for (int tries = 0; tries < 3 && store_.rows.empty(); ++tries) static_cast<void>(ours->store_left(store_));
  EXPECT_EQ(store_.rows.size(), 1U);
}

}  // namespace journal_slots_test
}  // namespace relay
