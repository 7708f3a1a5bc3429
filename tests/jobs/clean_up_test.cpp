#include "jobs/clean_up.h"

#include "metering/records.h"
#include "service/services_under_test.h"
#include "store/temporary_folder.h"

#include <filesystem>
#include <fstream>

namespace relay::test {
namespace clean_up_test {

using namespace std::chrono_literals;

class CleanUpTest : public testing::Test, protected ServicesUnderTest {
 protected:
  CleanUp clean_up(const std::string& holder, Retention retention = {}, std::filesystem::path logs = {}) {
    return CleanUp({.sessions = store->sessions(),
                    .email_tokens = store->email_tokens(),
                    .keys = store->keys(),
                    .users = store->users(),
                    .notifications = store->notifications(),
                    .devices = store->devices(),
                    .outbox = store->outbox(),
                    .objects = store->provider_objects(),
                    .usage = store->usage(),
                    .audit_store = store->audit(),
                    .audit = audit,
                    .leases = store->job_leases(),
                    .clock = clock},
                   retention, holder, std::move(logs));
  }
  CleanUpReport run(const std::string& holder = "a", Retention retention = {}) {
    auto job = clean_up(holder, retention);
    return await(job.run(stopping_)).value();
  }
  void age(std::chrono::days days) { clock.advance(days); }

  std::atomic<bool> stopping_{false};
};

TEST_F(CleanUpTest, TakesAwayWhatIsPastItsRetentionAndNothingElse) {
  const auto ann = a_user("ann").user;
  const auto bob = a_user("bob").user;
  Notification notification{
      .id = "ntf_1", .user_id = bob.id, .kind = "t", .title = "T", .body = "B", .created_at = clock.now()};
  ASSERT_TRUE(await(store->notifications().insert(notification, std::nullopt)).has_value());
  auto record = a_record(1, clock.now());
  record.user_id = bob.id;
  ASSERT_TRUE(await(store->usage().append("node_1", batch_of(1, {record}))).has_value());
  ASSERT_TRUE(await(store->users().erase(ann.id, clock.now())).has_value());

  const auto nothing = run();
  EXPECT_TRUE(nothing.had_lease);
  EXPECT_EQ(nothing.sessions + nothing.users + nothing.notifications + nothing.usage + nothing.audit, 0);

  age(std::chrono::days(61));  // 30 that a session lasts, 30 that it is kept, and one
  EXPECT_EQ(run().sessions, 1);
  age(std::chrono::days(30));
  EXPECT_EQ(run().users, 1);
  age(std::chrono::days(90));
  EXPECT_EQ(run().notifications, 1);
  age(std::chrono::days(220));
  EXPECT_EQ(run().usage, 1);
  EXPECT_TRUE(await(store->users().find(bob.id)).has_value());
  EXPECT_EQ(run().usage, 0);
}

TEST_F(CleanUpTest, ForgetsMailsThatWereGivenUpAndDevicesThatDidNotComeBack) {
  a_user("ann");  // whose first device is remembered, and whose mail waits
  const auto mails = await(store->outbox().claim("me", clock.now(), clock.now() + 1min, 10)).value();
  ASSERT_EQ(mails.size(), 1U);
  ASSERT_TRUE(await(store->outbox().give_up(mails[0].id, "me", clock.now(), "refused")).has_value());
  EXPECT_EQ(run().mails, 0);
  age(std::chrono::days(181));
  EXPECT_EQ(run().mails, 1);
  EXPECT_EQ(run().devices, 0);
  age(std::chrono::days(220));
  EXPECT_EQ(run().devices, 1);
}

TEST_F(CleanUpTest, TrimsTheAuditTrailInBatchesAndItStillVerifies) {
  for (int n = 0; n < 600; ++n) {
    ASSERT_TRUE(await(audit.record(act_of_user("x", "usr_1"), here())).has_value());
  }
  age(std::chrono::days(731));
  ASSERT_TRUE(await(audit.record(act_of_user("x", "usr_1"), here())).has_value());
  EXPECT_EQ(run().audit, 600);
  const auto verdict = await(audit.verify("")).value();
  EXPECT_EQ(verdict.problem, "");
  EXPECT_EQ(verdict.entries, 2) << "the young one, and the one that tells of the trimming";
}

TEST_F(CleanUpTest, KeepsForEverWhatHasNoRetention) {
  Retention forever{.usage = {}, .audit = {}, .notifications = {}, .sessions = {}, .deleted = {}, .logs = {}};
  a_user("ann");
  age(std::chrono::days(5000));
  const auto report = run("a", forever);
  EXPECT_TRUE(report.had_lease);
  EXPECT_EQ(report.sessions, 0);
}

TEST_F(CleanUpTest, OneNodeAtATimeWorks) {
  a_user("ann");
  age(std::chrono::days(61));
  ASSERT_TRUE(await(store->job_leases().take("clean_up", "b", clock.now(), clock.now() + 1min)).value());
  EXPECT_FALSE(run("a").had_lease);
  clock.advance(1min);
  const auto report = run("a");
  EXPECT_TRUE(report.had_lease);
  EXPECT_EQ(report.sessions, 1);
  EXPECT_TRUE(run("b").had_lease) << "it was given back";
}

TEST_F(CleanUpTest, LeavesWhenTheServerStops) {
  a_user("ann");
  age(std::chrono::days(61));
  stopping_ = true;
  EXPECT_EQ(run().sessions, 0);
}

TEST_F(CleanUpTest, DeletesOldLogFilesAndNoOthers) {
  const TemporaryFolder folder;
  const auto write = [&](const char* name, std::chrono::days age) {
    const std::filesystem::path path = folder.file(name);
    std::ofstream(path) << "x";
    std::filesystem::last_write_time(path, std::chrono::file_clock::from_sys(clock.now() - age));
  };
  write("claude-relay-1.log", std::chrono::days(31));
  write("claude-relay-2.log", std::chrono::days(29));
  write("somebody-elses.log", std::chrono::days(31));
  auto job = clean_up("a", {}, folder.file(""));
  EXPECT_EQ(await(job.run(stopping_)).value().log_files, 1);
  EXPECT_FALSE(std::filesystem::exists(folder.file("claude-relay-1.log")));
  EXPECT_TRUE(std::filesystem::exists(folder.file("claude-relay-2.log")));
  EXPECT_TRUE(std::filesystem::exists(folder.file("somebody-elses.log")));
}

}  // namespace clean_up_test
}  // namespace relay::test
