#include "relay/key_snapshot.h"

#include "fakes/await.h"
#include "fakes/fake_key_store.h"
#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"

#include <gtest/gtest.h>

#include <list>

namespace relay {
namespace key_snapshot_test {

using namespace std::chrono_literals;
using Fetched = Result<SharedKeyAccess>;

class KeySnapshotTest : public testing::Test {
 protected:
  KeySnapshotTest() {
    KeyAccess access;
    access.key_id = "key_1";
    access.user_id = "usr_1";
    access.plan = "plan_1";
    store_.keys[hash_.hex()] = access;
  }
  Fetched fetch() {
    std::optional<Fetched> outcome;
    boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(snapshots_.fetch(hash_), outcome),
                          test::rethrow);
    turn();
    return std::move(outcome).value();
  }
  void turn() {
    context_.restart();
    context_.run();
  }

  test::SeededRandom random_;
  ApiKeyHash hash_ = ApiKeyHash::of(ApiKeySecret::generate(random_));
  test::FakeKeyStore store_;
  SnapshotGeneration generation_;
  KnownKeys known_;
  test::FixedClock clock_;
  boost::asio::io_context context_{1};
  KeySnapshots snapshots_{{.keys = store_,
                           .generation = generation_,
                           .known = known_,
                           .clock = clock_,
                           .executor = context_.get_executor(),
                           .patience = 50ms}};
};

TEST_F(KeySnapshotTest, AsksTheStoreOnce) {
  EXPECT_EQ(snapshots_.cached(hash_), nullptr);
  EXPECT_EQ(fetch().value()->key_id, "key_1");
  EXPECT_NE(snapshots_.cached(hash_), nullptr);
  EXPECT_EQ(fetch().value()->key_id, "key_1");
  EXPECT_EQ(store_.asked, 1);
}

TEST_F(KeySnapshotTest, DoesNotWaitForALookUpThatEndsAtOnce) {
  KeySnapshots patient({.keys = store_,
                        .generation = generation_,
                        .known = known_,
                        .clock = clock_,
                        .executor = context_.get_executor(),
                        .patience = 1h});
  std::optional<Fetched> outcome;
  boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(patient.fetch(hash_), outcome),
                        test::rethrow);
  context_.run_for(2s);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->value()->key_id, "key_1");
}

TEST_F(KeySnapshotTest, SharesOneLookUpBetweenAllWhoAsk) {
  store_.delay = 20ms;
  std::list<std::optional<Fetched>> outcomes(5);
  for (auto& outcome : outcomes) {
    boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(snapshots_.fetch(hash_), outcome),
                          test::rethrow);
  }
  turn();
  for (const auto& outcome : outcomes) EXPECT_TRUE(outcome.has_value() && outcome->has_value());
  EXPECT_EQ(store_.asked, 1);
}

TEST_F(KeySnapshotTest, RenewsBehindTheCallersBack) {
  fetch().value();
  store_.keys[hash_.hex()].key_id = "key_renewed";
  clock_.advance(1500ms);
  EXPECT_EQ(snapshots_.cached(hash_)->key_id, "key_1") << "the caller does not wait";
  EXPECT_EQ(snapshots_.cached(hash_)->key_id, "key_1");
  turn();
  EXPECT_EQ(store_.asked, 2) << "one renewal, whoever asks";
  EXPECT_EQ(snapshots_.cached(hash_)->key_id, "key_renewed");
}

TEST_F(KeySnapshotTest, UsesNothingThatHasBeenChanged) {
  fetch().value();
  generation_.key_changed(hash_);
  EXPECT_EQ(snapshots_.cached(hash_), nullptr);
  store_.away = true;
  const auto refused = fetch();
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind(), ErrorKind::unavailable) << "never a 401";
}

TEST_F(KeySnapshotTest, AChangeDuringTheLookUpMakesWhatItFindsOld) {
  store_.delay = 20ms;
  std::optional<Fetched> outcome;
  boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(snapshots_.fetch(hash_), outcome),
                        test::rethrow);
  context_.run_for(5ms);
  generation_.user_changed("usr_1");
  turn();
  EXPECT_EQ(snapshots_.cached(hash_), nullptr);
}

// Or a key that is changed in the moment before the store goes would take all others with it.
TEST_F(KeySnapshotTest, AChangeOfSomebodyElseChangesNothing) {
  fetch().value();
  generation_.key_changed(ApiKeyHash::of(ApiKeySecret::generate(random_)));
  generation_.user_changed("usr_2");
  generation_.plan_changed("plan_2");
  EXPECT_NE(snapshots_.cached(hash_), nullptr);
  store_.away = true;
  clock_.advance(20min);
  generation_.user_changed("usr_3");
  EXPECT_EQ(fetch().value()->key_id, "key_1");
  generation_.plan_changed("plan_1");
  generation_.user_changed("usr_2");
  EXPECT_EQ(fetch().error().kind(), ErrorKind::unavailable);
}

TEST_F(KeySnapshotTest, OfMoreChangesThanItCanNameAnyIsEverybodys) {
  fetch().value();
  generation_.user_changed("usr_1");
  for (int i = 0; i < 20'000; ++i) generation_.user_changed("other_" + std::to_string(i));
  EXPECT_EQ(snapshots_.cached(hash_), nullptr) << "the change of usr_1 is not forgotten with its name";
  fetch().value();
  generation_.user_changed("usr_2");
  EXPECT_NE(snapshots_.cached(hash_), nullptr);
}

TEST_F(KeySnapshotTest, ALookUpBesideChangesOfOthersIsNotLost) {
  fetch().value();
  clock_.advance(2s);
  store_.delay = 20ms;
  store_.keys[hash_.hex()].key_id = "key_renewed";
  EXPECT_NE(snapshots_.cached(hash_), nullptr);  // begins the renewal
  context_.restart();
  context_.run_for(5ms);
  generation_.user_changed("usr_2");
  EXPECT_NE(snapshots_.cached(hash_), nullptr) << "holds up to this change, too";
  turn();
  EXPECT_EQ(snapshots_.cached(hash_)->key_id, "key_renewed");
}

TEST_F(KeySnapshotTest, LooksUpBeforeUseWhatIsOlderThanTenSeconds) {
  fetch().value();
  clock_.advance(9900ms);
  EXPECT_NE(snapshots_.cached(hash_), nullptr) << "and is renewed behind";
  turn();
  EXPECT_EQ(store_.asked, 2);
  store_.keys.clear();  // revoked elsewhere, and this node has not heard of it
  clock_.advance(10100ms);
  EXPECT_EQ(snapshots_.cached(hash_), nullptr);
  EXPECT_EQ(fetch().error().code(), "api_key_unknown");
}

TEST_F(KeySnapshotTest, OutlivesAnAwayStoreForAnHour) {
  fetch().value();
  store_.away = true;
  for (int i = 0; i < 5; ++i) {
    clock_.advance(11min);
    EXPECT_EQ(fetch().value()->key_id, "key_1") << "never a 401 for want of the store";
  }
  clock_.advance(6min);
  const auto refused = fetch();
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind(), ErrorKind::unavailable);
}

TEST_F(KeySnapshotTest, WaitsOnceForAStoreThatIsAwayAndThenTriesBehind) {
  fetch().value();
  store_.away = true;
  clock_.advance(30s);
  EXPECT_EQ(snapshots_.cached(hash_), nullptr) << "nobody knows yet that it is away";
  EXPECT_EQ(fetch().value()->key_id, "key_1");
  EXPECT_EQ(store_.asked, 2);
  for (int i = 0; i < 5; ++i) {
    clock_.advance(150ms);
    EXPECT_NE(snapshots_.cached(hash_), nullptr);
    turn();
  }
  EXPECT_EQ(store_.asked, 2) << "not again for a second";
  for (int i = 1; i <= 60; ++i) {
    clock_.advance(1s);
    EXPECT_NE(snapshots_.cached(hash_), nullptr) << "no caller waits";
    EXPECT_NE(snapshots_.cached(hash_), nullptr);
    turn();
    EXPECT_EQ(store_.asked, 2 + i) << "one try a second";
  }
  store_.away = false;
  store_.keys[hash_.hex()].key_id = "key_renewed";
  clock_.advance(1s);
  EXPECT_NE(snapshots_.cached(hash_), nullptr);
  turn();
  EXPECT_EQ(snapshots_.cached(hash_)->key_id, "key_renewed");
}

TEST_F(KeySnapshotTest, LooksBeforeUseAgainWhenNobodyTriedTheAwayStoreForTenSeconds) {
  fetch().value();
  store_.away = true;
  clock_.advance(30s);
  fetch().value();
  store_.away = false;
  store_.keys.clear();
  clock_.advance(10100ms);
  EXPECT_EQ(snapshots_.cached(hash_), nullptr);
  EXPECT_EQ(fetch().error().kind(), ErrorKind::unauthorized);
}

TEST_F(KeySnapshotTest, LooksBeforeUseWhenAnythingMayHaveChanged) {
  fetch().value();
  generation_.anything_changed();
  EXPECT_EQ(snapshots_.cached(hash_), nullptr);
  fetch().value();
  EXPECT_EQ(store_.asked, 2);
  generation_.anything_changed();
  store_.away = true;
  EXPECT_EQ(fetch().value()->key_id, "key_1") << "a doubt is no change: without the store it goes on";
  generation_.key_changed(hash_);
  EXPECT_EQ(fetch().error().kind(), ErrorKind::unavailable) << "a change is one, store or no store";
}

TEST_F(KeySnapshotTest, DoesNotWaitLongForAStoreThatSaysNothing) {
  fetch().value();
  clock_.advance(11s);
  store_.delay = 300ms;
  std::optional<Fetched> outcome;
  boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(snapshots_.fetch(hash_), outcome),
                        test::rethrow);
  context_.restart();
  context_.run_for(200ms);  // patience is 50 ms here
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->value()->key_id, "key_1");
  EXPECT_NE(snapshots_.cached(hash_), nullptr) << "nor does the next caller wait";
  generation_.key_changed(hash_);
  EXPECT_EQ(snapshots_.cached(hash_), nullptr) << "but a change is a change";
  turn();
}

TEST_F(KeySnapshotTest, ServesWhatAnotherWorkerHasServed) {
  fetch().value();
  KeySnapshots others({.keys = store_,
                       .generation = generation_,
                       .known = known_,
                       .clock = clock_,
                       .executor = context_.get_executor()});
  const auto fetch_there = [&] {
    std::optional<Fetched> outcome;
    boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(others.fetch(hash_), outcome),
                          test::rethrow);
    turn();
    return *std::move(outcome);
  };
  store_.away = true;
  clock_.advance(20min);
  EXPECT_EQ(fetch_there().value()->key_id, "key_1") << "the store is away, and this worker never asked it";
  clock_.advance(50min);
  EXPECT_EQ(fetch_there().error().kind(), ErrorKind::unavailable) << "but for an hour";
  store_.away = false;
  fetch_there().value();
  const int asked = store_.asked;
  fetch().value();
  EXPECT_EQ(store_.asked, asked) << "what the other worker heard a moment ago is fresh here, too";
  generation_.key_changed(hash_);
  store_.away = true;
  EXPECT_EQ(fetch_there().error().kind(), ErrorKind::unavailable) << "a change is one on all workers";
}

TEST_F(KeySnapshotTest, ARenewalThatBeganBeforeAChangeRevivesNothing) {
  fetch().value();
  clock_.advance(2s);
  store_.delay = 20ms;
  EXPECT_NE(snapshots_.cached(hash_), nullptr);  // begins the renewal
  context_.restart();
  context_.run_for(5ms);
  generation_.key_changed(hash_);
  turn();
  EXPECT_EQ(store_.asked, 2);
  EXPECT_EQ(snapshots_.cached(hash_), nullptr);
  store_.keys.clear();
  EXPECT_EQ(fetch().error().kind(), ErrorKind::unauthorized);
}

TEST_F(KeySnapshotTest, RemembersAnUnknownKeyForASecond) {
  store_.keys.clear();
  EXPECT_EQ(fetch().error().code(), "api_key_unknown");
  EXPECT_EQ(fetch().error().kind(), ErrorKind::unauthorized);
  EXPECT_EQ(store_.asked, 1);
  clock_.advance(1100ms);
  EXPECT_TRUE(fetch().has_error());
  EXPECT_EQ(store_.asked, 2);
}

TEST_F(KeySnapshotTest, TellsAllWhoWaitThatTheStoreIsAway) {
  store_.away = true;
  store_.delay = 10ms;
  std::list<std::optional<Fetched>> outcomes(3);
  for (auto& outcome : outcomes) {
    boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(snapshots_.fetch(hash_), outcome),
                          test::rethrow);
  }
  turn();
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome->error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(store_.asked, 1);
}

}  // namespace key_snapshot_test
}  // namespace relay
