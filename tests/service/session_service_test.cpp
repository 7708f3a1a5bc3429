#include "service/services_under_test.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace relay {
namespace session_service_test {

using namespace std::chrono_literals;
using test::await;
using test::refusal;

class SessionServiceTest : public testing::Test, protected test::ServicesUnderTest {
 protected:
  Result<IssuedTokens> refresh(const IssuedTokens& tokens) {
    return await(sessions.refresh(tokens.refresh_token, here()));
  }
  std::string access(const IssuedTokens& tokens) {
    return refusal(await(sessions.authenticate(tokens.access_token)));
  }

  SignedInUser ada_ = a_user("ada");
};

TEST_F(SessionServiceTest, RefusesAnEndedSessionAtOnce) {
  const auto who = await(sessions.authenticate(ada_.tokens.access_token)).value();
  ASSERT_TRUE(await(sessions.end(who.user_id, who.session_id)).has_value());
  EXPECT_EQ(access(ada_.tokens), "session_ended");
  EXPECT_EQ(refusal(refresh(ada_.tokens)), "refresh_token_invalid");
  EXPECT_EQ(listener.sessions, std::vector<std::string>{who.session_id});
}

TEST_F(SessionServiceTest, LooksAgainWhenAnythingMayHaveChangedOnAnotherNode) {
  const auto who = await(sessions.authenticate(ada_.tokens.access_token)).value();
  ASSERT_TRUE(await(store->sessions().revoke(who.user_id, who.session_id, clock.now())).has_value());
  EXPECT_EQ(access(ada_.tokens), "passed") << "this node has not heard of it";
  sessions.anything_changed();
  EXPECT_EQ(access(ada_.tokens), "session_ended");
}

TEST_F(SessionServiceTest, EndsAllButOne) {
  const auto second = await(sessions.open(ada_.user, here())).value();
  const auto who = await(sessions.authenticate(second.access_token)).value();
  EXPECT_EQ(access(ada_.tokens), "passed");
  EXPECT_EQ(await(sessions.list(ada_.user.id))->size(), 2U);
  ASSERT_TRUE(await(sessions.end_all(ada_.user.id, who.session_id)).has_value());
  EXPECT_EQ(access(ada_.tokens), "session_ended");
  EXPECT_EQ(access(second), "passed");
}

TEST_F(SessionServiceTest, EndsOnlyOnesOwn) {
  const auto bob = a_user("bob");
  const auto who = await(sessions.authenticate(ada_.tokens.access_token)).value();
  EXPECT_EQ(await(sessions.end(bob.user.id, who.session_id)).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(access(ada_.tokens), "passed");
}

TEST_F(SessionServiceTest, ExpiresAccessAfterAQuarterOfAnHour) {
  clock.advance(15min);
  EXPECT_EQ(access(ada_.tokens), "token_expired");
  EXPECT_EQ(refusal(await(sessions.authenticate(ada_.tokens.refresh_token))), "token_invalid");
}

TEST_F(SessionServiceTest, ExpiresRefreshAfterThirtyDays) {
  clock.advance(24h * 30 - 1min);
  const auto second = refresh(ada_.tokens).value();
  clock.advance(24h * 30);
  EXPECT_EQ(refusal(refresh(second)), "refresh_token_invalid");
}

TEST_F(SessionServiceTest, RotatesTheRefreshToken) {
  clock.advance(10min);
  const auto second = refresh(ada_.tokens).value();
  EXPECT_NE(second.refresh_token, ada_.tokens.refresh_token);
  EXPECT_EQ(access(second), "passed");
  EXPECT_EQ(access(ada_.tokens), "passed");  // the same session
  clock.advance(1min);
  EXPECT_EQ(refusal(refresh(second)), "passed");
  EXPECT_EQ(await(sessions.list(ada_.user.id))->size(), 1U);
}

TEST_F(SessionServiceTest, EndsTheWholeFamilyWhenATokenIsUsedTwice) {
  const auto second = refresh(ada_.tokens).value();
  clock.advance(10s);
  const auto reused = refresh(ada_.tokens);
  ASSERT_TRUE(reused.has_error());
  EXPECT_EQ(reused.error().code(), "refresh_token_reused");
  EXPECT_EQ(reused.error().message(), "Refresh token expired or invalid");
  EXPECT_EQ(refusal(refresh(second)), "refresh_token_invalid");
  EXPECT_EQ(access(second), "session_ended");
}

TEST_F(SessionServiceTest, EndsTheFamilyForAnOlderTokenWithinTheGraceToo) {
  const auto second = refresh(ada_.tokens).value();
  const auto third = refresh(second).value();
  EXPECT_EQ(refusal(refresh(ada_.tokens)), "refresh_token_reused");
  EXPECT_EQ(access(third), "session_ended");
}

TEST_F(SessionServiceTest, GivesParallelRefreshesAPairEachAndEndsThemTogether) {
  const auto second = refresh(ada_.tokens).value();
  const auto sibling = refresh(ada_.tokens).value();
  EXPECT_NE(sibling.refresh_token, second.refresh_token);
  EXPECT_EQ(access(sibling), "passed");
  clock.advance(11s);
  const auto next = refresh(second).value();
  EXPECT_EQ(refusal(refresh(ada_.tokens)), "refresh_token_reused");
  EXPECT_EQ(access(next), "session_ended");
  EXPECT_EQ(access(sibling), "session_ended");
}

TEST_F(SessionServiceTest, MakesFewSiblingsHoweverOftenATokenIsUsedAtOnce) {
  int passed = 0;
  for (int i = 0; i < 50; ++i) passed += refresh(ada_.tokens).has_value() ? 1 : 0;
  EXPECT_EQ(passed, 4);  // one that rotates, three in its grace
  EXPECT_EQ(access(ada_.tokens), "passed");
}

TEST_F(SessionServiceTest, LetsOneOfManyParallelRefreshesRotate) {
  boost::asio::io_context context(1);
  std::vector<std::optional<Result<IssuedTokens>>> outcomes(50);
  for (auto& outcome : outcomes) {
    boost::asio::co_spawn(context.get_executor(),
                          test::keep_outcome(sessions.refresh(ada_.tokens.refresh_token, here()), outcome),
                          test::rethrow);
  }
  context.run();
  const auto passed =
      std::ranges::count_if(outcomes, [](const auto& outcome) { return outcome->has_value(); });
  EXPECT_EQ(passed, 4);
  EXPECT_EQ(await(sessions.list(ada_.user.id))->size(), 4U);
}

TEST_F(SessionServiceTest, RefusesAnUnknownToken) {
  EXPECT_EQ(refusal(await(sessions.refresh("crt_nonsense", here()))), "refresh_token_invalid");
  EXPECT_EQ(refusal(await(sessions.refresh(std::string(5000, 'x'), here()))), "refresh_token_invalid");
  EXPECT_EQ(refusal(await(sessions.refresh(ada_.tokens.access_token, here()))), "refresh_token_invalid");
}

TEST_F(SessionServiceTest, SeesASuspendedUserWithinTenSeconds) {
  EXPECT_EQ(access(ada_.tokens), "passed");
  UserChanges changes;
  changes.status = UserStatus::suspended;
  ASSERT_TRUE(await(store->users().update(ada_.user.id, changes, clock.now())).has_value());
  clock.advance(10s);
  EXPECT_EQ(access(ada_.tokens), "account_inactive");
  EXPECT_EQ(refusal(refresh(ada_.tokens)), "account_inactive");
}

TEST_F(SessionServiceTest, SeesAChangedUserAtOnceWhenTold) {
  EXPECT_EQ(await(sessions.authenticate(ada_.tokens.access_token))->role, UserRole::user);
  UserChanges changes;
  changes.role = UserRole::admin;
  ASSERT_TRUE(await(store->users().update(ada_.user.id, changes, clock.now())).has_value());
  invalidation.user_changed(ada_.user.id);
  EXPECT_EQ(await(sessions.authenticate(ada_.tokens.access_token))->role, UserRole::admin);
}

}  // namespace session_service_test
}  // namespace relay
