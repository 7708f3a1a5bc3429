#include "metering/journal.h"

#include "metering/journal_segment.h"

#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"
#include "metering/records.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace relay {
namespace journal_test {

using test::a_record;
using test::append;
using test::take;

/// While it lives, no file of this process grows.
class NoRoom {
 public:
  NoRoom() {
    (void)::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    (void)::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoRoom() {
    (void)::setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

class Journal : public testing::Test {
 protected:
  std::unique_ptr<UsageJournal> open() {
    return UsageJournal::open(settings_, clock_, random_, [this](std::string_view words) { alarm(words); })
        .value();
  }
  void alarm(std::string_view words) {
    const std::lock_guard lock(mutex_);
    alarms_.emplace_back(words);
  }
  bool alarmed() {
    const std::lock_guard lock(mutex_);
    return !alarms_.empty();
  }
  static std::vector<std::string> attempts(const UsageBatch& taken) {
    std::vector<std::string> ids;
    for (const auto& entry : taken.records) ids.emplace_back(entry.record.attempt_id);
    return ids;
  }

  test::TemporaryFolder folder_;
  JournalSettings settings_{.folder = folder_.file("journal")};
  test::FixedClock clock_;
  test::SeededRandom random_;
  std::mutex mutex_;
  std::vector<std::string> alarms_;
};

TEST_F(Journal, GivesRecordsBackInOrder) {
  const auto journal = open();
  ASSERT_TRUE(append(*journal, a_record(1)).has_value());
  std::vector<UsageRecord> turn{a_record(2), a_record(3)};
  ASSERT_TRUE(append(*journal, turn).has_value());
  EXPECT_EQ(journal->last_sequence(), 3);
  EXPECT_EQ(journal->state().backlog_records, 3);

  const auto first = take(*journal, 2);
  ASSERT_EQ(first.records.size(), 2U);
  EXPECT_EQ(first.records[0].sequence, 1);
  EXPECT_EQ(test::words_of(first.records[1].record), test::words_of(a_record(2)));
  EXPECT_EQ(attempts(take(*journal, 2)), std::vector<std::string>{"att_3"});
  EXPECT_TRUE(take(*journal, 2).records.empty());
  journal->release(3);
  EXPECT_EQ(journal->state().backlog_records, 0);
}

TEST_F(Journal, ReadsFromDiskAfterARestartAndAfterRewind) {
  std::string node;
  {
    const auto journal = open();
    node = journal->node_id();
    for (int i = 1; i <= 5; ++i) ASSERT_TRUE(append(*journal, a_record(i)).has_value());
    (void)take(*journal, 2);
    journal->release(2);
  }
  const auto journal = open();
  EXPECT_EQ(journal->node_id(), node);
  EXPECT_EQ(journal->state().backlog_records, 5) << "how far the store is, the store knows";
  ASSERT_TRUE(journal->start_after(2).has_value());
  ASSERT_TRUE(append(*journal, a_record(6)).has_value());
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(attempts(take(*journal, 3)), (std::vector<std::string>{"att_3", "att_4", "att_5"}));
    EXPECT_EQ(attempts(take(*journal, 3)), std::vector<std::string>{"att_6"});
    journal->rewind();
  }
}

// Or a full disk would keep from the store what alone can make room on it.
TEST_F(Journal, IsReadBackWhereNoFileCanGrow) {
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(append(*open(), a_record(i)).has_value());
  const NoRoom no_room;
  for (int i = 1; i <= 5; ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "%012d", i);
    const auto segment = JournalSegment::existing(settings_.folder / name);
    UsageBatch batch;
    RecordPage page{.batch = batch};
    std::int64_t next = 0;
    const auto read = segment->read(i, i + 1, page, next);
    ASSERT_TRUE(read.has_value()) << read.error().cause();
    EXPECT_EQ(attempts(batch), std::vector<std::string>{"att_" + std::to_string(i)});
  }
}

TEST_F(Journal, GoesOnAboveItsOldNumbersWhenAllWasStored) {
  for (int start = 0; start < 3; ++start) {
    const auto journal = open();
    ASSERT_TRUE(journal->start_after(start).has_value());
    ASSERT_TRUE(append(*journal, a_record(start)).has_value());
    EXPECT_EQ(journal->last_sequence(), start + 1);
    ASSERT_EQ(take(*journal, 9).records.size(), 1U);
    journal->release(start + 1);
  }
  EXPECT_TRUE(alarms_.empty());
}

TEST_F(Journal, NeverGivesANumberThatTheStoreHas) {
  const auto journal = open();
  ASSERT_TRUE(journal->start_after(1000).has_value());  // an old copy of the folder was put back
  ASSERT_TRUE(append(*journal, a_record(1)).has_value());
  EXPECT_EQ(take(*journal, 9).records.at(0).sequence, 1001);
  EXPECT_EQ(alarms_.size(), 1U);
}

TEST_F(Journal, FillsManySegmentsAndKeepsNoneThatIsStored) {
  settings_.segment_bytes = 4096;
  settings_.records_in_memory = 10;  // the rest comes from disk
  const auto journal = open();
  for (int i = 1; i <= 500; ++i) {
    // Far faster than calls come: the keeper needs a moment now and then, and a refused record is not kept.
    while (append(*journal, a_record(i)).has_error())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  int expected = 1;
  while (true) {
    auto taken = take(*journal, 7);
    if (taken.records.empty()) break;
    for (const auto& entry : taken.records) {
      EXPECT_EQ(entry.sequence, expected);
      EXPECT_EQ(entry.record.attempt_id, "att_" + std::to_string(expected));
      ++expected;
    }
    journal->release(expected - 1);
  }
  EXPECT_EQ(expected, 501);
  EXPECT_LE(journal->state().bytes, 3 * 4 * 4096) << "the one that is written, and a spare";
  EXPECT_EQ(journal->state().lost_records, 0);
}

TEST_F(Journal, RefusesBeforeItLosesAndTakesAgainWhenTheStoreIsBack) {
  settings_.segment_bytes = 4096;
  settings_.bytes_max = 5 * 4096;
  const auto journal = open();
  int kept = 0;
  while (true) {
    const bool accepting = journal->accepting();
    if (append(*journal, a_record(kept + 1)).has_value()) {
      ASSERT_LT(++kept, 10'000);
      continue;
    }
    ASSERT_FALSE(accepting) << "no call is let in whose record would be lost";
    if (alarmed()) break;  // else the keeper was only slower than the records
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_GT(kept, 20);
  const auto refused = append(*journal, a_record(kept + 1));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind(), ErrorKind::unavailable);

  const auto taken = take(*journal, 100'000);
  EXPECT_EQ(taken.records.size(), static_cast<std::size_t>(kept)) << "what it took it has";
  journal->release(taken.records.back().sequence);
  // The keeper makes room on its own thread.
  for (int i = 0; i < 1000 && !journal->accepting(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(journal->accepting());
  EXPECT_TRUE(append(*journal, a_record(1)).has_value());
}

TEST_F(Journal, ManyThreadsGetNumbersWithoutAGap) {
  const auto journal = open();
  constexpr int kEach = 500;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) EXPECT_TRUE(append(*journal, a_record(thread * kEach + i)).has_value());
    });
  }
  std::int64_t last = 0;
  while (last < 4 * kEach) {
    const auto taken = take(*journal, 64);
    for (const auto& entry : taken.records) ASSERT_EQ(entry.sequence, ++last);
  }
  for (auto& thread : threads) thread.join();
}

TEST_F(Journal, IsHeldByOneProcess) {
  const auto journal = open();
  const auto second = UsageJournal::open(settings_, clock_, random_, [](std::string_view) {});
  ASSERT_TRUE(second.has_error());
  EXPECT_EQ(second.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(second.error().code(), kJournalHeld);
}

TEST_F(Journal, SaysHowLongTheOldestWaits) {
  const auto journal = open();
  ASSERT_TRUE(append(*journal, a_record(1)).has_value());
  clock_.advance(std::chrono::seconds(5));
  ASSERT_TRUE(append(*journal, a_record(2)).has_value());
  EXPECT_EQ(journal->state().oldest_age, std::chrono::seconds(5));
  (void)take(*journal, 1);
  journal->release(1);
  EXPECT_EQ(journal->state().oldest_age, std::chrono::seconds(0));
}

TEST_F(Journal, SyncsBesideAppends) {
  const auto journal = open();
  ASSERT_TRUE(append(*journal, a_record(1)).has_value());
  EXPECT_TRUE(journal->sync(journal->last_sequence()).has_value());
  EXPECT_TRUE(journal->sync(1).has_value());
}

// The child appends and says each number on a pipe once it is acknowledged, until it is killed in the middle.
TEST_F(Journal, HasEverythingItAcknowledgedAfterKill9) {
  settings_.segment_bytes = 64U << 10;  // some segments are begun meanwhile
  std::int64_t stored = 0;
  for (int round = 0; round < 5; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const auto child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      auto journal = UsageJournal::open(settings_, clock_, random_, [](std::string_view) {});
      if (journal.has_error()) ::_exit(1);
      while (true) {
        if (append(**journal, a_record(round)).has_error()) continue;
        const auto sequence = (*journal)->last_sequence();
        if (::write(ends[1], &sequence, sizeof sequence) != sizeof sequence) ::_exit(2);
      }
    }
    ::close(ends[1]);
    std::int64_t acknowledged = 0;
    for (int i = 0; i < 300 + round * 777; ++i) {
      ASSERT_EQ(::read(ends[0], &acknowledged, sizeof acknowledged),
                static_cast<ssize_t>(sizeof acknowledged));
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    while (::read(ends[0], &acknowledged, sizeof acknowledged) == static_cast<ssize_t>(sizeof acknowledged)) {
    }
    ::close(ends[0]);

    const auto journal = open();
    ASSERT_GE(journal->last_sequence(), acknowledged);
    ASSERT_TRUE(journal->start_after(stored).has_value());
    while (true) {
      const auto taken = take(*journal, 1000);
      if (taken.records.empty()) break;
      for (const auto& entry : taken.records) {
        ASSERT_EQ(entry.sequence, ++stored);
        ASSERT_EQ(entry.record.attempt_id, "att_" + std::to_string(round));
      }
      journal->release(stored);
    }
    EXPECT_GE(stored, acknowledged);
  }
  EXPECT_TRUE(alarms_.empty());
}

}  // namespace journal_test
}  // namespace relay
