#include "service/audit_service.h"

#include "fakes/await.h"
#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"
#include "store/sql/migrations.h"
#include "store/sql/sql_audit_store.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"
#include "store/store_under_test.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace audit_service_test {

using namespace std::chrono_literals;

// Goes away when told to.
class AuditStoreFake final : public AuditStore {
 public:
  explicit AuditStoreFake(AuditStore& store) : store_(store) {}
  bool away = false;

  Task<> append(std::vector<AuditEntry> entries) override {
    if (away) co_return Error(ErrorKind::unavailable, "store_unavailable", "away");
    co_return co_await store_.append(std::move(entries));
  }
  Task<Page<AuditEntry>> list(AuditFilter filter, PageRequest page) override {
    return store_.list(std::move(filter), std::move(page));
  }
  Task<AuditHead> head() override { return store_.head(); }
  Task<std::vector<ChainedEntry>> read_chain(std::int64_t sequence, int limit) override {
    return store_.read_chain(sequence, limit);
  }
  Task<std::int64_t> trim(WallTime before, int limit) override { return store_.trim(before, limit); }

 private:
  AuditStore& store_;
};

class AuditServiceTest : public testing::Test {
 protected:
  AuditServiceTest() { await(migrate(database_, WallTime())).value(); }

  void record(const std::string& target) {
    clock_.advance(1ms);
    Device device{.address = "10.0.0.1", .user_agent = "test\x01\xff", .request_id = "req_1"};
    ASSERT_TRUE(
        await(audit_.record(act_of_user(audit_action::kKeyCreated, "usr_1", target), device)).has_value());
  }
  void three() {
    for (const auto* target : {"one", "two", "three"}) record(target);
  }
  void run(const std::string& statement) {
    const auto done = await(database_.write([&statement](soci::session& sql) -> Result<> {
      SqlStatement(sql).run(statement);
      return {};
    }));
    ASSERT_TRUE(done.has_value()) << statement;
  }
  std::string problem(std::string known_hash = "") {
    return await(audit_.verify(std::move(known_hash))).value().problem;
  }
  std::string problem_after(const std::string& statement) {
    run(statement);
    return problem();
  }
  std::vector<AuditEntry> entries() { return await(audit_.list({}, {})).value().items; }

  FixedClock clock_;
  SeededRandom random_;
  TemporaryFolder folder_;
  SqlDatabase database_{{.path = folder_.file("test.sqlite")}};
  AuditChain chain_{{kAuditSecret}};
  SqlAuditStore kept_{database_, chain_};
  AuditStoreFake store_{kept_};
  AuditService audit_{{.store = store_, .chain = chain_, .clock = clock_, .random = random_}};
};

TEST_F(AuditServiceTest, RecordsWhoDidWhatFromWhere) {
  record("key_1");
  const auto entry = entries().at(0);
  EXPECT_EQ(entry.id.substr(0, 4), "aud_");
  EXPECT_EQ(entry.action, "key.created");
  EXPECT_EQ(entry.actor_kind, AuditActor::user);
  EXPECT_EQ(entry.actor_id, "usr_1");
  EXPECT_EQ(entry.user_id, "usr_1");
  EXPECT_EQ(entry.target, "key_1");
  EXPECT_EQ(entry.address, "10.0.0.1");
  EXPECT_EQ(entry.user_agent, "test??");
  EXPECT_EQ(entry.request_id, "req_1");
  EXPECT_EQ(entry.created_at, clock_.now());
}

TEST_F(AuditServiceTest, FindsTheChainWhole) {
  EXPECT_EQ(problem(), "");
  three();
  const auto verdict = await(audit_.verify("")).value();
  EXPECT_EQ(verdict.problem, "");
  EXPECT_EQ(verdict.entries, 3);
  EXPECT_EQ(verdict.head.sequence, 3);
}

TEST_F(AuditServiceTest, FindsAChangedEntry) {
  three();
  EXPECT_NE(
      problem_after("UPDATE audit_logs SET address = '10.0.0.2' WHERE sequence = 2").find("entry 2 (aud_"),
      std::string::npos);
}

TEST_F(AuditServiceTest, FindsAWordThatMovedFromOneFieldToTheNext) {
  three();
  EXPECT_NE(problem_after("UPDATE audit_logs SET target = '', address = 'one10.0.0.1' WHERE sequence = 1"),
            "");
}

TEST_F(AuditServiceTest, FindsEntriesThatChangedPlaces) {
  three();
  run("UPDATE audit_logs SET sequence = 9 WHERE sequence = 1");
  run("UPDATE audit_logs SET sequence = 1 WHERE sequence = 2");
  EXPECT_NE(problem_after("UPDATE audit_logs SET sequence = 2 WHERE sequence = 9").find("entry 1 "),
            std::string::npos);
}

TEST_F(AuditServiceTest, FindsAMissingEntryWhereverItStood) {
  three();
  EXPECT_EQ(problem_after("DELETE FROM audit_logs WHERE sequence = 3"),
            "entry 3 is missing: the end of the trail was taken away");
  EXPECT_EQ(problem_after("DELETE FROM audit_logs WHERE sequence = 1"), "entry 1 is missing");
}

TEST_F(AuditServiceTest, FindsAMissingTailWhoseHeadWasMovedBack) {
  three();
  run("DELETE FROM audit_logs WHERE sequence = 3");
  EXPECT_EQ(problem_after("UPDATE audit_head SET sequence = 2,"
                          " row_hash = (SELECT row_hash FROM audit_logs WHERE sequence = 2)"),
            "the head of the trail was changed");
  EXPECT_EQ(problem_after("DELETE FROM audit_head"), "the head of the trail was taken away");
}

TEST_F(AuditServiceTest, FindsABeginningThatWasNotTrimmedByTheRules) {
  three();
  run("UPDATE audit_head SET anchor_sequence = 1,"
      " anchor_hash = (SELECT row_hash FROM audit_logs WHERE sequence = 1)");
  EXPECT_EQ(problem_after("DELETE FROM audit_logs WHERE sequence = 1"), "the head of the trail was changed");
}

TEST_F(AuditServiceTest, FindsAChainThatWasMadeAnewWithoutTheSecret) {
  three();
  run("DELETE FROM audit_logs");
  run("DELETE FROM audit_head");
  SqlAuditStore forged(database_, AuditChain({"what somebody else made up"}));
  ASSERT_TRUE(await(forged.append({AuditEntry{.id = "aud_x", .action = "x"}})).has_value());
  EXPECT_NE(problem(), "");
}

TEST_F(AuditServiceTest, FindsTheWholeStorePutBackToAnEarlierState) {
  three();
  const auto noted = await(audit_.verify("")).value().head.hash;
  EXPECT_EQ(problem(noted), "");
  record("four");
  EXPECT_EQ(problem(noted), "");
  run("DELETE FROM audit_logs");
  run("DELETE FROM audit_head");
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(problem(noted), "the trail is empty, and it was not");
  record("other");
  EXPECT_EQ(problem(noted),
            "the head that was noted is not in the trail: it was put back to an earlier state");
}

TEST_F(AuditServiceTest, NothingIsChainedBehindAForgery) {
  three();
  run("UPDATE audit_head SET row_hash = 'x'");
  record("four");
  EXPECT_EQ(entries().size(), 3U);
  EXPECT_EQ(audit_.state().waiting, 1U);
}

TEST_F(AuditServiceTest, HoldsOnAfterTheSecretWasRotated) {
  three();
  const AuditChain rotated({"a newer secret of thirty-two bytes", kAuditSecret});
  SqlAuditStore store(database_, rotated);
  AuditService audit({.store = store, .chain = rotated, .clock = clock_, .random = random_});
  ASSERT_TRUE(await(audit.record(act_of_user("x", "usr_1"), {})).has_value());
  const auto verdict = await(audit.verify("")).value();
  EXPECT_EQ(verdict.problem, "");
  EXPECT_EQ(verdict.entries, 4);
  EXPECT_NE(problem().find("ENCRYPTION_KEY"), std::string::npos);  // the old secret alone
}

class AuditWithoutTheOlderKey : public AuditServiceTest {
 protected:
  AuditWithoutTheOlderKey() {
    three();
    EXPECT_TRUE(await(both_.record(act_of_user("x", "usr_1"), {})).has_value());
    EXPECT_TRUE(await(both_.record(act_of_user("x", "usr_1"), {})).has_value());
  }
  AuditVerdict verdict() { return await(newer_.verify("")).value(); }
  std::string newer_problem_after(const std::string& statement) {
    run(statement);
    return verdict().problem;
  }

  const std::string newer_secret_ = "a newer secret of thirty-two bytes";
  AuditChain both_keys_{{newer_secret_, kAuditSecret}};
  AuditChain newer_key_{{newer_secret_}};
  SqlAuditStore both_store_{database_, both_keys_};
  SqlAuditStore newer_store_{database_, newer_key_};
  AuditService both_{{.store = both_store_, .chain = both_keys_, .clock = clock_, .random = random_}};
  AuditService newer_{{.store = newer_store_, .chain = newer_key_, .clock = clock_, .random = random_}};
};

TEST_F(AuditWithoutTheOlderKey, TheOldEntriesAreNamedAndTheOthersChecked) {
  EXPECT_TRUE(await(newer_.record(act_of_user("x", "usr_1"), {})).has_value());
  EXPECT_EQ(verdict().problem, "");
  EXPECT_EQ(verdict().entries, 3);
  EXPECT_EQ(verdict().unproven, 3);
  EXPECT_EQ(verdict().first_unproven, 1);
  EXPECT_EQ(verdict().last_unproven, 3);
  const auto all = await(both_.verify("")).value();
  EXPECT_EQ(all.problem, "");
  EXPECT_EQ(all.entries, 6);
  EXPECT_EQ(all.unproven, 0);
}

TEST_F(AuditWithoutTheOlderKey, AChangedNewEntryIsStillFound) {
  EXPECT_NE(newer_problem_after("UPDATE audit_logs SET action = 'y' WHERE sequence = 4").find("entry 4 "),
            std::string::npos);
}

TEST_F(AuditWithoutTheOlderKey, AMissingOldEntryIsStillFound) {
  EXPECT_EQ(newer_problem_after("DELETE FROM audit_logs WHERE sequence = 2"), "entry 2 is missing");
}

TEST_F(AuditWithoutTheOlderKey, NoEntryPassesForAnOldOne) {
  EXPECT_NE(newer_problem_after("UPDATE audit_logs SET row_hash = 'deadbeef:00' WHERE sequence = 4")
                .find("entry 5 "),
            std::string::npos);
  EXPECT_NE(newer_problem_after("UPDATE audit_logs SET row_hash = 'deadbeef:00' WHERE sequence = 5")
                .find("is not the one that the head names"),
            std::string::npos);
}

TEST_F(AuditServiceTest, LosesNothingWhileTheStoreIsAway) {
  record("one");
  store_.away = true;
  record("two");
  record("three");
  EXPECT_EQ(audit_.state().waiting, 2U);
  EXPECT_TRUE(await(audit_.flush()).has_error());
  store_.away = false;
  record("four");
  EXPECT_EQ(audit_.state().waiting, 0U);
  const auto kept = entries();
  ASSERT_EQ(kept.size(), 4U);
  EXPECT_EQ(kept[2].target, "two");
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditServiceTest, ChainsWhatWaitedInTheOrderInWhichItHappened) {
  store_.away = true;
  for (int n = 0; n < 602; ++n) record(std::to_string(n));
  EXPECT_TRUE(await(audit_.flush()).has_error());
  store_.away = false;
  record("602");
  EXPECT_EQ(audit_.state().waiting, 0U);
  const auto chain = await(store_.read_chain(0, 1'000)).value();
  ASSERT_EQ(chain.size(), 603U);
  for (std::size_t n = 0; n < chain.size(); ++n) ASSERT_EQ(chain[n].entry.target, std::to_string(n));
}

TEST_F(AuditServiceTest, StillKnowsHowMuchWasLostWhenThatCannotBeStoredEither) {
  store_.away = true;
  for (int n = 0; n < 1'003; ++n) record("x");
  EXPECT_TRUE(await(audit_.flush()).has_error());
  EXPECT_TRUE(await(audit_.flush()).has_error());
  EXPECT_EQ(audit_.state().unstored, 3);
  store_.away = false;
  ASSERT_TRUE(await(audit_.flush()).has_value());
  const auto gaps = await(audit_.list({.action = std::string(audit_action::kGap)}, {})).value().items;
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].details, R"({"entries":"3"})");
}

TEST_F(AuditServiceTest, SaysInTheTrailHowMuchOfItWasLost) {
  store_.away = true;
  for (int n = 0; n < 1'003; ++n) record("x");
  EXPECT_EQ(audit_.state().unstored, 3);
  store_.away = false;
  ASSERT_TRUE(await(audit_.flush()).has_value());
  const auto newest = await(audit_.list({.action = std::string(audit_action::kGap)}, {})).value().items;
  ASSERT_EQ(newest.size(), 1U);
  EXPECT_EQ(newest[0].details, R"({"entries":"3"})");
  EXPECT_EQ(await(audit_.verify("")).value().entries, 1'001);
}

}  // namespace audit_service_test
}  // namespace relay::test
