#include "upstream/select_account.h"

#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"
#include "json/json_index.h"
#include "upstream/account_pool.h"
#include "upstream/affinity.h"
#include "upstream/retry_budget.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace relay::test {
namespace select_account_test {

using namespace std::chrono_literals;

UpstreamAccount an_account(const std::string& id, int priority = 0, int weight = 100) {
  auto account =
      UpstreamAccount::from_settings(id, Provider::anthropic, "http://127.0.0.1:1", "sk", "URL").value();
  account.priority = priority;
  account.weight = weight;
  return account;
}

class SelectAccount : public testing::Test {
 protected:
  void have(std::vector<UpstreamAccount> accounts) {
    pool_.emplace(std::move(accounts));
    candidates_ = pool_->candidates(Provider::anthropic, "claude-sonnet-4-5", "");
  }
  SelectedAccount select(std::optional<std::uint64_t> conversation = {},
                         std::span<const UpstreamAccount* const> tried = {}) {
    return selector_.select({.candidates = candidates_, .conversation = conversation, .tried = tried},
                            clock_.steady_now(), clock_.now());
  }
  std::string id_of(std::optional<std::uint64_t> conversation = {}) {
    const AccountHold hold(select(conversation), clock_.steady_now());
    return hold ? hold.candidate().account->id : std::string();
  }
  AccountState& state(const std::string& id) { return *pool_->with_id(id)->state; }
  void fail(const std::string& id, RestReason reason = RestReason::overloaded) {
    static_cast<void>(state(id).report({.family = "claude-sonnet",
                                        .sign = AttemptSign::failure(reason),
                                        .began = clock_.steady_now(),
                                        .now = clock_.steady_now(),
                                        .wall_now = clock_.now()},
                                       random_));
  }

  FixedClock clock_;
  SeededRandom random_;
  std::optional<AccountPool> pool_;
  CandidateList candidates_;
  AccountSelector selector_{random_};
};

TEST_F(SelectAccount, TheLowestPriorityIsTakenWhileOneOfItIsWell) {
  have({an_account("spare", 10), an_account("first", 1), an_account("second", 1)});
  for (int i = 0; i < 50; ++i) EXPECT_NE(id_of(), "spare");
  fail("first");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(id_of(), "second");
  fail("second");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(id_of(), "spare");
}

TEST_F(SelectAccount, WithoutLoadTheWeightsShareTheCalls) {
  have({an_account("a", 0, 100), an_account("b", 0, 300)});
  std::map<std::string, int> calls;
  for (int i = 0; i < 4000; ++i) ++calls[id_of()];
  EXPECT_NEAR(calls["b"], 3000, 150);
}

TEST_F(SelectAccount, OfManyTheWeightsShareTheCallsAlsoWhileSomeRest) {
  have({an_account("a", 0, 100), an_account("b", 0, 300), an_account("c", 0, 100), an_account("d", 0, 100),
        an_account("spare", 1, 900)});
  std::map<std::string, int> calls;
  for (int i = 0; i < 6000; ++i) ++calls[id_of()];
  EXPECT_NEAR(calls["b"], 3000, 150);
  EXPECT_NEAR(calls["d"], 1000, 100);
  fail("d");
  calls.clear();
  for (int i = 0; i < 5000; ++i) ++calls[id_of()];
  EXPECT_NEAR(calls["a"], 1000, 100);
  EXPECT_NEAR(calls["b"], 3000, 150);
  EXPECT_EQ(calls["d"], 0);
  EXPECT_EQ(calls["spare"], 0);
}

TEST_F(SelectAccount, OfTwoTheOneWithLessToDoTakesTheCall) {
  have({an_account("a"), an_account("b")});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(state("a").try_begin(0));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(id_of(), "b");
}

TEST_F(SelectAccount, LoadEvensOut) {
  have({an_account("a"), an_account("b"), an_account("c"), an_account("d"), an_account("e")});
  std::vector<AccountHold> holds;
  for (int i = 0; i < 500; ++i) holds.emplace_back(select(), clock_.steady_now());
  for (const char* id : {"a", "b", "c", "d", "e"}) EXPECT_NEAR(state(id).in_flight(), 100, 20) << id;
}

TEST_F(SelectAccount, AFasterAccountIsPreferredUntilTheSlowOneIsForgotten) {
  have({an_account("slow"), an_account("fast")});
  state("slow").saw_latency(false, 4s, clock_.steady_now());
  state("fast").saw_latency(false, 200ms, clock_.steady_now());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(id_of(), "fast");
  clock_.advance(60s);
  std::set<std::string> asked;
  state("fast").saw_latency(false, 200ms, clock_.steady_now());
  for (int i = 0; i < 50; ++i) asked.insert(id_of());
  EXPECT_TRUE(asked.contains("slow"));
}

TEST_F(SelectAccount, ConcurrencyAndSpendCapsPassAnAccountOver) {
  auto narrow = an_account("narrow");
  narrow.concurrency = 1;
  auto poor = an_account("poor");
  poor.daily_spend_cap = 1000;
  have({narrow, poor, an_account("spare", 10)});
  state("poor").spend(1000, clock_.now());
  const AccountHold hold(select(), clock_.steady_now());
  EXPECT_EQ(hold.candidate().account->id, "narrow");
  EXPECT_EQ(id_of(), "spare");
  clock_.advance(24h);
  EXPECT_EQ(id_of(), "poor");
}

TEST_F(SelectAccount, SaysWhyNobodyCan) {
  auto narrow = an_account("narrow");
  narrow.concurrency = 1;
  have({narrow, an_account("b")});
  ASSERT_TRUE(state("narrow").try_begin(1));
  fail("b");
  EXPECT_EQ(select().candidate, nullptr);
  auto none = why_not(candidates_, clock_.steady_now(), clock_.now());
  EXPECT_EQ(none.why, NoAccount::Why::resting);
  EXPECT_GT(*none.until, clock_.steady_now());

  auto poor = an_account("poor");
  poor.daily_spend_cap = 1000;
  have({poor});
  state("poor").spend(1001, clock_.now());
  EXPECT_EQ(select().candidate, nullptr);
  EXPECT_EQ(why_not(candidates_, clock_.steady_now(), clock_.now()).why, NoAccount::Why::spent);

  have({narrow});
  ASSERT_TRUE(state("narrow").try_begin(1));
  EXPECT_EQ(select().candidate, nullptr);
  EXPECT_EQ(why_not(candidates_, clock_.steady_now(), clock_.now()).why, NoAccount::Why::busy);
}

TEST_F(SelectAccount, TheOnlyCandidateIsTakenThoughItRests) {
  have({an_account("only")});
  fail("only");
  EXPECT_EQ(id_of(), "only");
}

TEST_F(SelectAccount, AfterARestOneCallTriesAndTheOthersGoElsewhere) {
  have({an_account("a"), an_account("spare", 10)});
  fail("a");
  clock_.advance(5s);
  const auto probe = select();
  EXPECT_TRUE(probe.is_probe);
  AccountHold hold(probe, clock_.steady_now());
  EXPECT_EQ(hold.candidate().account->id, "a");
  EXPECT_EQ(id_of(), "spare");
  hold.release();  // it showed nothing
  EXPECT_TRUE(select().is_probe);
}

TEST_F(SelectAccount, WhatWasTriedIsNotTriedAgain) {
  have({an_account("a"), an_account("b")});
  const UpstreamAccount* tried[] = {pool_->with_id("a")};
  for (int i = 0; i < 20; ++i) {
    const AccountHold hold(select({}, tried), clock_.steady_now());
    EXPECT_EQ(hold.candidate().account->id, "b");
  }
}

class Affinity : public SelectAccount {
 protected:
  static constexpr int kSessions = 200;
  void have_five() {
    have({an_account("upa_1"), an_account("upa_2"), an_account("upa_3"), an_account("upa_4"),
          an_account("upa_5")});
  }
  static std::uint64_t session(int i) { return spread_hash("session-" + std::to_string(i)); }
  std::vector<std::string> homes() {
    std::vector<std::string> all;
    for (int i = 0; i < kSessions; ++i) all.push_back(id_of(session(i)));
    return all;
  }
};

TEST_F(Affinity, ASessionStaysAndSessionsSpread) {
  have_five();
  const auto first = homes();
  std::map<std::string, int> sessions;
  for (const auto& home : first) ++sessions[home];
  EXPECT_EQ(sessions.size(), 5U);
  for (const auto& [id, count] : sessions) EXPECT_NEAR(count, 40, 20) << id;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(homes(), first);
}

TEST_F(Affinity, OnlyTheSessionsOfARestingAccountMoveAndTheyComeBack) {
  have_five();
  const auto before = homes();
  fail("upa_3");
  const auto during = homes();
  std::set<std::string> elsewhere;
  for (int i = 0; i < kSessions; ++i) {
    if (before[i] != "upa_3") {
      EXPECT_EQ(during[i], before[i]);
    } else {
      elsewhere.insert(during[i]);
    }
  }
  EXPECT_FALSE(elsewhere.contains("upa_3"));
  EXPECT_GT(elsewhere.size(), 1U) << "they spread over those that are left";
  clock_.advance(5s);
  for (int i = 0; i < kSessions; ++i) {
    AccountHold hold(select(session(i)), clock_.steady_now());
    static_cast<void>(hold.candidate().account->state->report({.family = "claude-sonnet",
                                                               .sign = AttemptSign::success(),
                                                               .is_probe = hold.is_probe(),
                                                               .began = hold.began(),
                                                               .now = clock_.steady_now(),
                                                               .wall_now = clock_.now()},
                                                              random_));
    hold.reported();
  }
  EXPECT_EQ(homes(), before);
}

TEST_F(Affinity, OneHotSessionDoesNotPileUp) {
  have_five();
  std::vector<AccountHold> holds;
  for (int i = 0; i < 200; ++i) holds.emplace_back(select(session(7)), clock_.steady_now());
  for (const auto& candidate : candidates_) EXPECT_LE(candidate.account->state->in_flight(), 51);
}

TEST_F(Affinity, AMuchSlowerAccountLosesItsSessionsForAWhile) {
  have_five();
  const auto home = id_of(session(1));
  for (const auto& candidate : candidates_)
    candidate.account->state->saw_latency(false, 300ms, clock_.steady_now());
  state(home).saw_latency(false, 20s, clock_.steady_now());
  EXPECT_NE(id_of(session(1)), home);
  clock_.advance(30s);
  for (const auto& candidate : candidates_)
    candidate.account->state->saw_latency(false, 300ms, clock_.steady_now());
  EXPECT_EQ(id_of(session(1)), home);
}

TEST_F(Affinity, WeightsShareTheSessions) {
  have({an_account("a", 0, 100), an_account("b", 0, 300)});
  int heavy = 0;
  for (int i = 0; i < 1000; ++i) heavy += id_of(session(i)) == "b" ? 1 : 0;
  EXPECT_NEAR(heavy, 750, 60);
}

class CachedPrefix : public testing::Test {
 protected:
  std::optional<std::uint64_t> hash(std::string text, WireDialect dialect = WireDialect::anthropic_messages) {
    text_ = std::move(text);
    EXPECT_EQ(json_.read(text_), JsonFault::none);
    return cached_prefix_hash(json_.root(), dialect);
  }
  std::string text_;
  JsonIndex json_;
};

TEST_F(CachedPrefix, IsWhatIsMarked) {
  const std::string marked =
      R"("system":[{"type":"text","text":"Be kind","cache_control":{"type":"ephemeral"}}])";
  const auto first = hash("{" + marked + R"(,"messages":[{"role":"user","content":"one"}]})");
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(hash("{" + marked + R"(,"messages":[{"role":"user","content":"two"}]})"), first);
  EXPECT_NE(hash(R"({"system":[{"type":"text","text":"Be good","cache_control":{}}],"messages":[]})"), first);
  EXPECT_EQ(hash(R"({"system":"Be kind","messages":[{"role":"user","content":"one"}]})"), std::nullopt);
}

TEST_F(CachedPrefix, OfAConversationThatMarksItsTurnsIsItsFirstMessage) {
  const auto turn = [](const std::string& first, const std::string& more) {
    return R"({"messages":[{"role":"user","content":")" + first + R"("})" + more +
           R"(,{"role":"user","content":[{"type":"text","text":"x","cache_control":{}}]}]})";
  };
  const auto first = hash(turn("hello", ""));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(hash(turn("hello", R"(,{"role":"assistant","content":"hi"})")), first);
  EXPECT_NE(hash(turn("good day", "")), first);
}

TEST_F(CachedPrefix, OfOpenAIsIsLongOrNone) {
  const auto request = [](std::size_t bytes) {
    return R"({"instructions":")" + std::string(bytes, 'i') + R"(","input":"hello"})";
  };
  EXPECT_EQ(hash(request(100), WireDialect::openai_responses), std::nullopt);
  const auto first = hash(request(5000), WireDialect::openai_responses);
  ASSERT_TRUE(first.has_value());
  EXPECT_NE(hash(request(5001), WireDialect::openai_responses), first);
}

TEST(RetryBudget, IsAShareOfTheTrafficAndAFloor) {
  RetryBudget budget(10);
  FixedClock clock;
  int floor = 0;
  while (budget.take(clock.steady_now())) ++floor;
  EXPECT_EQ(floor, 20);
  for (int i = 0; i < 1000; ++i) budget.saw_call();
  int share = 0;
  while (budget.take(clock.steady_now())) ++share;
  EXPECT_EQ(share, 100);
  clock.advance(3s);
  int later = 0;
  while (budget.take(clock.steady_now())) ++later;
  EXPECT_EQ(later, 6);
}

TEST(RetryBudget, OfNothingIsNothing) {
  RetryBudget budget(0);
  for (int i = 0; i < 1000; ++i) budget.saw_call();
  EXPECT_FALSE(budget.take(FixedClock().steady_now()));
}

TEST(AccountPoolCandidates, AreThoseKnownToHaveTheModelFirst) {
  auto claude = an_account("claude");
  claude.models = ModelPatterns::parse({"claude-*"}).value();
  auto open = an_account("open");
  auto other = UpstreamAccount::from_settings("gpt", Provider::openai, "http://h", "sk", "URL").value();
  other.models = ModelPatterns::parse({"gpt-*"}).value();
  const AccountPool pool({open, other, claude});
  const auto ids = [&](Provider provider, std::string_view model, std::string_view group = "") {
    std::vector<std::string> all;
    for (const auto& candidate : pool.candidates(provider, model, group))
      all.push_back(candidate.account->id);
    return all;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids(Provider::anthropic, "claude-opus-4-5"), (Ids{"open", "claude"}));
  EXPECT_EQ(ids(Provider::anthropic, "gpt-5"), Ids{"gpt"});
  EXPECT_EQ(ids(Provider::anthropic, "llama"), Ids{"open"});
  EXPECT_EQ(ids(Provider::openai, "llama"), Ids{"gpt"});
  EXPECT_EQ(ids(Provider::anthropic, "claude-opus-4-5", "blue"), Ids{});
}

}  // namespace select_account_test
}  // namespace relay::test
