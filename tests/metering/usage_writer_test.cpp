#include "metering/usage_writer.h"

#include "fakes/await.h"
#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"
#include "metering/fake_usage_store.h"
#include "metering/records.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace relay {
namespace usage_writer_test {

using test::a_record;
using test::append;

using test::FakeUsageStore;

class Writer : public testing::Test {
 protected:
  Writer() { open(); }

  void open() {
    journal_ = UsageJournal::open({.folder = folder_.file("journal"), .segment_bytes = 8192}, clock_, random_,
                                  [](std::string_view) {})
                   .value();
  }
  std::unique_ptr<UsageWriter> make(UsageWriterSettings settings = {.batch_max = 3}) {
    return std::make_unique<UsageWriter>(
        UsageWriter::Parts{.journal = *journal_,
                           .store = store_,
                           .clock = clock_,
                           .random = random_,
                           .alarm = [this](std::string_view words) { alarms_.emplace_back(words); }},
        settings);
  }
  void reopen() {
    journal_.reset();
    open();
  }
  void expect_each_once(int count) const {
    EXPECT_EQ(store_.rows.size(), static_cast<std::size_t>(count));
    for (const auto& [id, times] : store_.rows) EXPECT_EQ(times, 1) << id;
  }

  test::TemporaryFolder folder_;
  test::FixedClock clock_;
  test::SeededRandom random_;
  FakeUsageStore store_;
  std::vector<std::string> alarms_;
  std::unique_ptr<UsageJournal> journal_;
};

TEST_F(Writer, StoresInBatchesAndEmptiesTheJournal) {
  const auto writer = make();
  ASSERT_TRUE(writer->prepare().has_value());
  for (int i = 1; i <= 7; ++i) ASSERT_TRUE(append(*journal_, a_record(i)).has_value());
  while (writer->store_batch().value() > 0) {
  }
  expect_each_once(7);
  EXPECT_EQ(journal_->state().backlog_records, 0);
  EXPECT_EQ(store_.last[journal_->node_id()], 7);
}

// A fault, or a death, between any two steps: before the commit, after it, after the release.
TEST_F(Writer, StoresExactlyOnceWhateverFailsBetweenTwoSteps) {
  using Fault = FakeUsageStore::Fault;
  int appended = 0;
  for (const auto fault : {Fault::none, Fault::before_commit, Fault::after_commit}) {
    for (const bool dies : {false, true}) {
      for (const bool finishes_before_death : {false, true}) {
        auto writer = make();
        ASSERT_TRUE(writer->prepare().has_value());
        for (int i = 0; i < 40; ++i) ASSERT_TRUE(append(*journal_, a_record(++appended)).has_value());
        (void)writer->store_batch();
        store_.next_fault = fault;
        auto outcome = writer->store_batch();
        EXPECT_EQ(outcome.has_error(), fault != Fault::none);
        if (finishes_before_death) (void)writer->store_batch();
        if (dies) {
          writer.reset();
          reopen();
          writer = make();
          ASSERT_TRUE(writer->prepare().has_value());
        }
        while (writer->store_batch().value() > 0) {
        }
        expect_each_once(appended);
        EXPECT_EQ(journal_->state().backlog_records, 0);
      }
    }
  }
}

TEST_F(Writer, TakesOverAfterADeathWithoutWaitingForTheLease) {
  ASSERT_TRUE(make()->prepare().has_value());  // never gives it back
  const auto before = store_.leased_to;
  reopen();
  EXPECT_TRUE(make()->prepare().has_value());
  EXPECT_NE(store_.leased_to, before);
}

TEST_F(Writer, RefusesToStartBesideAnotherProcess) {
  store_.leased_to = "run_of somebody else";
  store_.leased_until = clock_.now() + std::chrono::seconds(60);
  const auto refused = make()->start();
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind(), ErrorKind::conflict);
  clock_.advance(std::chrono::seconds(60));
  EXPECT_TRUE(make()->prepare().has_value());
}

TEST_F(Writer, RunsByItselfTriesAgainAndDrainsAtTheEnd) {
  using namespace std::chrono_literals;
  const auto writer = make({.batch_max = 10, .linger = 1ms, .retry_first = 1ms, .retry_most = 2ms});
  ASSERT_TRUE(writer->start().has_value());
  store_.next_fault = FakeUsageStore::Fault::before_commit;  // nothing is appended yet: the thread sleeps
  for (int i = 1; i <= 100; ++i) ASSERT_TRUE(append(*journal_, a_record(i)).has_value());
  for (int i = 0; i < 2000 && journal_->state().backlog_records > 0; ++i) std::this_thread::sleep_for(1ms);
  ASSERT_TRUE(append(*journal_, a_record(101)).has_value());
  writer->stop();
  writer->stop();
  expect_each_once(101);
  EXPECT_EQ(journal_->state().backlog_records, 0);
  EXPECT_EQ(writer->state().stored_records, 101);
  EXPECT_EQ(writer->state().failures, 1);
  EXPECT_FALSE(writer->state().store_away);
  ASSERT_EQ(alarms_.size(), 2U) << "one when it goes, one when it is back";
  EXPECT_NE(alarms_[0].find("fault injection"), std::string::npos);
  EXPECT_LE(store_.leased_until, clock_.now()) << "the lease is given back";
}

}  // namespace usage_writer_test
}  // namespace relay
