#include "relay/turn_journal.h"

#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"
#include "metering/records.h"
#include "store/temporary_folder.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

namespace relay {
namespace turn_journal_test {

class TurnJournalTest : public testing::TestWithParam<bool> {
 protected:
  TurnJournalTest() {
    journal_ = UsageJournal::open({.folder = folder_.file("journal")}, clock_, random_, [](std::string_view) {
               }).value();
    turn_.emplace(*journal_, io_.get_executor(), turn_io_, GetParam() ? &sync_pool_ : nullptr);
  }
  ~TurnJournalTest() override { sync_pool_.stop(); }

  static Awaitable<void> settle(TurnJournalTest& test, int number) {
    const auto record = test::a_record(number);
    test.turn_->add(usage_record_as<UsageRecordView>(record));
    test.written_before_.push_back(test.journal_->last_sequence());
    static_cast<void>(co_await test.turn_->written());
    test.written_after_.push_back(test.journal_->last_sequence());
  }

  test::FixedClock clock_;
  test::SeededRandom random_;
  test::TemporaryFolder folder_;
  boost::asio::io_context io_{1};
  TurnIo turn_io_{io_.get_executor()};
  BlockingPool sync_pool_{1, 10};
  std::unique_ptr<UsageJournal> journal_;
  std::optional<TurnJournal> turn_;
  std::vector<std::int64_t> written_before_;
  std::vector<std::int64_t> written_after_;
};

TEST_P(TurnJournalTest, WritesWhatOneTurnSettledAtOnceAndThenLetsItGoOn) {
  for (int i = 1; i <= 3; ++i) boost::asio::co_spawn(io_, settle(*this, i), boost::asio::detached);
  io_.run();
  EXPECT_EQ(written_before_, (std::vector<std::int64_t>{0, 0, 0}));
  EXPECT_EQ(written_after_, (std::vector<std::int64_t>{3, 3, 3}));
  const auto taken = test::take(*journal_, 9);
  ASSERT_EQ(taken.records.size(), 3U);
  EXPECT_EQ(test::words_of(taken.records[2].record), test::words_of(test::a_record(3)));
}

TEST_P(TurnJournalTest, FlushesWhatATurnLeftBehind) {
  const auto record = test::a_record(1);
  turn_->add(usage_record_as<UsageRecordView>(record));
  turn_->flush();
  EXPECT_EQ(journal_->last_sequence(), 1);
}

INSTANTIATE_TEST_SUITE_P(Sync, TurnJournalTest, testing::Bool(),
                         [](const auto& way) { return way.param ? "group" : "off"; });

}  // namespace turn_journal_test
}  // namespace relay
