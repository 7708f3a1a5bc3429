#include "domain/key_access.h"

#include "fakes/fixed_clock.h"

#include <gtest/gtest.h>

namespace relay {
namespace key_access_test {

std::string refusal(const KeyAccess& access, WallTime now) {
  const auto outcome = access.check_usable(now);
  return outcome.has_value() ? "" : std::string(outcome.error().code());
}

TEST(KeyAccess, PassesOnlyAnActiveKeyOfAnActiveUserInItsTime) {
  test::FixedClock clock;
  KeyAccess access;
  EXPECT_EQ(refusal(access, clock.now()), "");

  access.expires_at = clock.now() + std::chrono::milliseconds(1);
  EXPECT_EQ(refusal(access, clock.now()), "");
  access.expires_at = clock.now();
  EXPECT_EQ(refusal(access, clock.now()), "api_key_expired");
  access.expires_at.reset();

  access.user_status = UserStatus::suspended;
  EXPECT_EQ(refusal(access, clock.now()), "account_inactive");
  access.key_status = ApiKeyStatus::inactive;
  EXPECT_EQ(refusal(access, clock.now()), "api_key_inactive");
  access.key_status = ApiKeyStatus::revoked;
  EXPECT_EQ(refusal(access, clock.now()), "api_key_revoked");
}

TEST(KeyAccess, EndsAnOldSecretWithItsGrace) {
  test::FixedClock clock;
  KeyAccess access;
  access.secret_until = clock.now() + std::chrono::seconds(1);
  EXPECT_EQ(refusal(access, clock.now()), "");
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(refusal(access, clock.now()), "api_key_revoked");
}

TEST(RateLimit, TakesTheSmallestThatIsALimit) {
  const RateLimit key{.requests_per_minute = 100, .concurrency = 5};
  const RateLimit plan{.requests_per_minute = 20, .requests_per_day = 1000};
  const RateLimit both = stricter(key, plan);
  EXPECT_EQ(both.requests_per_minute, 20);
  EXPECT_EQ(both.requests_per_day, 1000);
  EXPECT_EQ(both.concurrency, 5);
  EXPECT_EQ(both.tokens_per_minute, 0);
}

TEST(RateLimit, NamesEveryWrongField) {
  const RateLimit limit{.requests_per_minute = -1, .concurrency = 2'000'000'000};
  const auto outcome = limit.check();
  ASSERT_TRUE(outcome.has_error());
  ASSERT_EQ(outcome.error().fields().size(), 2U);
  EXPECT_EQ(outcome.error().fields()[0].field, "rateLimit.requestsPerMinute");
  EXPECT_EQ(outcome.error().fields()[1].field, "rateLimit.concurrency");
}

TEST(Permissions, AreASubsetOfWhatThereIs) {
  const auto claude = Permissions::parse({"claude"}).value();
  EXPECT_TRUE(claude.allows(Permission::claude));
  EXPECT_FALSE(claude.allows(Permission::codex));
  EXPECT_EQ(Permissions::all().to_text(), "claude,codex");
  EXPECT_EQ(Permissions::from_store("claude,codex").value(), Permissions::all());
  EXPECT_EQ(Permissions::all().and_also(claude), claude);
  EXPECT_EQ(Permissions::parse({"gemini"}).error().fields().at(0).field, "permissions");
  EXPECT_FALSE(Permissions::parse({}).has_value());
  EXPECT_EQ(Permissions::from_store("claude,x").error().kind(), ErrorKind::internal);
}

TEST(ModelPatterns, AllowEverythingWhenEmpty) {
  EXPECT_TRUE(ModelPatterns().allows("anything"));
  const auto patterns = ModelPatterns::parse({"claude-*", "gpt-5"}).value();
  EXPECT_TRUE(patterns.allows("claude-opus-5"));
  EXPECT_TRUE(patterns.allows("gpt-5"));
  EXPECT_FALSE(patterns.allows("gpt-5.1"));
  EXPECT_EQ(ModelPatterns::from_store(patterns.to_text()), patterns);
  EXPECT_FALSE(ModelPatterns::parse({"a b"}).has_value());
  EXPECT_FALSE(ModelPatterns::parse({""}).has_value());
}

TEST(IpRules, AllowEverythingWhenEmpty) {
  const auto here = IpAddress::parse("10.1.2.3").value();
  EXPECT_TRUE(IpRules().allows(here));
  const auto rules = IpRules::parse({"10.0.0.0/8", "2001:db8::1"}).value();
  EXPECT_TRUE(rules.allows(here));
  EXPECT_FALSE(rules.allows(IpAddress::parse("11.1.2.3").value()));
  EXPECT_EQ(IpRules::from_store(rules.to_text()).value(), rules);

  const auto wrong = IpRules::parse({"10.0.0.1", "nowhere"});
  ASSERT_TRUE(wrong.has_error());
  EXPECT_EQ(wrong.error().fields().at(0).field, "ipWhitelist[1]");
}

TEST(Budget, ReadsAmountsAsTheyAreWritten) {
  EXPECT_EQ(parse_usd("12.50", "budget.daily").value(), 12'500'000'000);
  EXPECT_EQ(to_usd(12'500'000'000), "12.50");
  for (const auto* text : {"-1", "1.0000000001", "1e3", "", "1000000000.01"}) {
    const auto amount = parse_usd(text, "budget.daily");
    ASSERT_TRUE(amount.has_error()) << text;
    EXPECT_EQ(amount.error().fields().at(0).field, "budget.daily");
  }
}

}  // namespace key_access_test
}  // namespace relay
