#include "metering/records.h"
#include "service/services_under_test.h"

namespace relay {
namespace key_service_test {

using namespace std::chrono_literals;
using test::await;
using test::refusal;

class KeyServiceTest : public testing::Test, protected test::ServicesUnderTest {
 protected:
  static ApiKeyChanges named(const char* name) {
    ApiKeyChanges fields;
    fields.name = ApiKeyName::parse(name).value();
    return fields;
  }
  NewApiKey a_key(const char* name) { return await(keys.create(as(user_.id), named(name))).value(); }
  std::string verdict(const ApiKeySecret& secret) {
    const auto verified = await(keys.verify(std::string(secret.text()), away("203.0.113.1")));
    if (verified.has_error()) return std::string(verified.error().message());
    return verified->usable ? "usable" : "not usable";
  }

  User user_ = ServicesUnderTest::a_user("ada").user;
};

TEST_F(KeyServiceTest, GivesTheSecretOnceAndStoresOnlyItsHash) {
  const auto made = a_key("laptop");
  const auto kept = await(store->keys().find(user_.id, made.key.id)).value();
  EXPECT_EQ(kept.hash, ApiKeyHash::of(made.secret));
  EXPECT_EQ(kept.prefix, made.secret.text().substr(0, 8));
  EXPECT_EQ(verdict(made.secret), "usable");
}

TEST_F(KeyServiceTest, KeepsTheWordsThatClientsMatch) {
  const auto unnamed = await(keys.create(as(user_.id), {}));
  ASSERT_TRUE(unnamed.has_error());
  EXPECT_EQ(unnamed.error().message(), "API key name is required");
  for (int i = 0; i < 3; ++i) a_key("laptop");
  const auto fourth = await(keys.create(as(user_.id), named("laptop")));
  ASSERT_TRUE(fourth.has_error());
  EXPECT_EQ(fourth.error().kind(), ErrorKind::limit_exceeded);
  EXPECT_EQ(fourth.error().message(), "Maximum number of API keys (3) reached for your plan");
}

TEST_F(KeyServiceTest, RefusesAnExpiryInThePast) {
  auto fields = named("laptop");
  fields.expires_at = std::optional(clock.now());
  EXPECT_EQ(refusal(await(keys.create(as(user_.id), fields))), "expires_at_past");
  const auto key = a_key("laptop").key;
  ApiKeyChanges changes;
  changes.expires_at = std::optional(clock.now());
  EXPECT_EQ(refusal(await(keys.update(as(user_.id), key.id, changes))), "expires_at_past");
}

TEST_F(KeyServiceTest, KeepsPermissionsWithinThePlan) {
  auto plan = await(store->plans().find("free")).value();
  plan.permissions = Permissions::only(Permission::claude);
  ASSERT_TRUE(await(store->plans().put(plan)).has_value());
  EXPECT_EQ(a_key("default").key.permissions, Permissions::only(Permission::claude));
  auto fields = named("laptop");
  fields.permissions = Permissions::all();
  EXPECT_EQ(await(keys.create(as(user_.id), fields)).error().kind(), ErrorKind::forbidden);
}

TEST_F(KeyServiceTest, TellsOfEveryChange) {
  const auto made = a_key("laptop");
  EXPECT_TRUE(listener.keys.empty());
  ApiKeyChanges changes;
  changes.active = false;
  ASSERT_TRUE(await(keys.update(as(user_.id), made.key.id, changes)).has_value());
  EXPECT_EQ(listener.keys, std::vector<ApiKeyHash>{made.key.hash});
  EXPECT_EQ(verdict(made.secret), "not usable");
  ASSERT_TRUE(await(keys.revoke(as(user_.id), made.key.id)).has_value());
  EXPECT_EQ(listener.keys.size(), 2U);
}

TEST_F(KeyServiceTest, RevokesForEver) {
  const auto made = a_key("laptop");
  ASSERT_TRUE(await(keys.revoke(as(user_.id), made.key.id)).has_value());
  EXPECT_EQ(verdict(made.secret), "not usable");
  ApiKeyChanges changes;
  changes.active = true;
  EXPECT_EQ(refusal(await(keys.update(as(user_.id), made.key.id, changes))), "api_key_revoked");
  EXPECT_EQ(await(keys.find(user_.id, made.key.id))->status, ApiKeyStatus::revoked);
}

TEST_F(KeyServiceTest, LetsAnOldSecretWorkForItsGrace) {
  const auto made = a_key("laptop");
  const auto anew = await(keys.regenerate(as(user_.id), made.key.id, 60s)).value();
  EXPECT_EQ(verdict(anew.secret), "usable");
  EXPECT_EQ(verdict(made.secret), "usable");
  clock.advance(60s);
  EXPECT_EQ(verdict(made.secret), "Invalid API key");
  EXPECT_EQ(verdict(anew.secret), "usable");
  (void)await(keys.regenerate(as(user_.id), made.key.id, 0s)).value();
  EXPECT_EQ(verdict(anew.secret), "Invalid API key");
}

TEST_F(KeyServiceTest, HidesOtherPeoplesKeys) {
  const auto key = a_key("laptop").key;
  const auto bob = ServicesUnderTest::a_user("bob").user;
  EXPECT_EQ(await(keys.find(bob.id, key.id)).error().message(), "API key not found");
  EXPECT_EQ(await(keys.update(as(bob.id), key.id, {})).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(await(keys.revoke(as(bob.id), key.id)).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(await(keys.regenerate(as(bob.id), key.id, 0s)).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(await(keys.usage(bob.id, key.id, {})).error().kind(), ErrorKind::not_found);
  EXPECT_TRUE(await(keys.list(bob.id, {}, {}))->items.empty());
  EXPECT_EQ(listener.keys.size(), 0U);
}

TEST_F(KeyServiceTest, KnowsNoUnknownKeyAndLimitsGuesses) {
  const auto stranger = ApiKeySecret::generate(random);
  EXPECT_EQ(verdict(stranger), "Invalid API key");
  EXPECT_EQ(await(keys.verify("cr_nonsense", away("203.0.113.1"))).error().kind(), ErrorKind::unauthorized);
  EXPECT_EQ(await(keys.verify(ApiKeyHash::of(stranger).hex(), away("203.0.113.1"))).error().kind(),
            ErrorKind::unauthorized);
  for (int i = 0; i < 30; ++i) (void)verdict(stranger);
  EXPECT_EQ(verdict(stranger), "Too many attempts. Please try again later.");
}

TEST_F(KeyServiceTest, ReportsWhatWasUsed) {
  const auto key = a_key("laptop").key;
  UsageRecord record;
  record.attempt_id = "att_1";
  record.request_id = "req_1";
  record.key_id = key.id;
  record.user_id = user_.id;
  record.upstream_account_id = "env_anthropic";
  record.model = record.requested_model = "claude-opus-5-5";
  record.started_at = clock.now();
  record.usage.input_tokens = 10;
  record.usage.output_tokens = 5;
  auto batch = test::batch_of(1, {record});
  ASSERT_TRUE(await(store->usage().append("node", batch)).has_value());

  UsageRange week;
  week.days = 7;
  const auto usage = await(keys.usage(user_.id, key.id, week));
  ASSERT_TRUE(usage.has_value()) << usage.error().message();
  EXPECT_EQ(usage->answer.report.totals.requests, 1);
  EXPECT_EQ(usage->answer.report.totals.usage.total_tokens(), 15);
  EXPECT_EQ(usage->limits.requests_per_minute, 20);  // of the plan
  EXPECT_EQ(usage->answer.query.to - usage->answer.query.from, std::chrono::days(7));
  EXPECT_EQ(await(profiles.find(user_.id))->this_month.usage.total_tokens(), 15);
}

TEST_F(KeyServiceTest, BoundsTheRangeOfUsage) {
  const auto key = a_key("laptop").key;
  UsageRange range;
  range.from = range.to = clock.now();
  EXPECT_EQ(refusal(await(keys.usage(user_.id, key.id, range))), "range_empty");
  range.from = WallTime();
  EXPECT_EQ(refusal(await(keys.usage(user_.id, key.id, range))), "range_too_long");
}

}  // namespace key_service_test
}  // namespace relay
