#include "app/first_start.h"

#include "app/limits_of_holder.h"
#include "crypto/password_hash.h"
#include "fakes/await.h"
#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"
#include "store/api_key_store.h"
#include "store/session_store.h"
#include "store/temporary_folder.h"
#include "store/user_store.h"

#include <gtest/gtest.h>

namespace relay {
namespace first_start_test {

using test::await;

class People : public ::testing::Test {
 protected:
  People() {
    auto parsed = parse_settings({{"DATA_DIR", folder_.file("")}, {"ENCRYPTION_KEY", kSecret}});
    stores_ = open_stores(parsed.value());
    EXPECT_TRUE(await(stores_->migrate(clock_.now(), std::nullopt)).has_value());
  }
  ~People() override { stores_->stop(); }

  PeopleParts parts() {
    return {.stores = *stores_,
            .clock = clock_,
            .random = random_,
            .audit_chain = AuditChain({kSecret}),
            .bcrypt_cost = kBcryptCostMin};
  }

  Result<User> make(const std::string& email, const std::string& password = "correct horse") {
    return await(make_person(parts(), {.email = email, .username = "", .password = password}));
  }
  User find(const std::string& email) {
    return await(stores_->users().find_by_email(EmailAddress::parse(email).value())).value();
  }

  static constexpr const char* kSecret = "q8Zr3vLk0pXw7TnB2yHd5sJf9cMg4aEu";
  test::TemporaryFolder folder_;
  test::FixedClock clock_;
  test::SeededRandom random_;
  std::unique_ptr<Stores> stores_;
};

TEST_F(People, GetAnAdminOnAnEmptyStoreAndNeverAgain) {
  const auto first = await(first_start(parts()));
  ASSERT_TRUE(first.has_value()) << first.error().cause();
  ASSERT_TRUE(first->has_value());
  const auto& admin = **first;
  const auto user = find(admin.email);
  EXPECT_EQ(user.role, UserRole::admin);
  EXPECT_TRUE(verify_password(admin.password, user.password_hash));

  const auto access = await(stores_->keys().find_access(ApiKeyHash::of(admin.key)));
  ASSERT_TRUE(access.has_value());
  EXPECT_EQ(access->user_id, user.id);
  EXPECT_TRUE(access->check_usable(clock_.now()).has_value());

  const auto second = await(first_start(parts()));
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(second->has_value());
}

TEST_F(People, GetNoAdminWhereSomebodyIsAlready) {
  ASSERT_TRUE(make("a@example.com").has_value());
  const auto first = await(first_start(parts()));
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(first->has_value());
}

TEST_F(People, SeeBothSecretsAndALineToPaste) {
  const auto first = await(first_start(parts()));
  const auto& admin = **first;
  const auto notice = first_start_notice(admin, "http://127.0.0.1:3001");
  EXPECT_NE(notice.find(admin.password), std::string::npos);
  EXPECT_NE(notice.find(curl_line(admin.key.text(), "http://127.0.0.1:3001")), std::string::npos);
}

TEST_F(People, GetANumberBehindATakenName) {
  EXPECT_EQ(make("sam@example.com")->username.text(), "sam");
  EXPECT_EQ(make("sam@example.org")->username.text(), "sam2");
  EXPECT_EQ(make("s@example.com")->username.text(), "s__");
  EXPECT_EQ(make("sam@example.com").error().code(), "email_taken");
}

TEST_F(People, TakeOnlyRolesAndPlansThatThereAre) {
  ASSERT_TRUE(make("a@example.com").has_value());
  EXPECT_EQ(await(set_role(parts(), "a@example.com", "admin"))->role, UserRole::admin);
  EXPECT_EQ(await(set_role(parts(), "a@example.com", "king")).error().kind(), ErrorKind::validation);
  EXPECT_EQ(await(set_plan(parts(), "a@example.com", "pro"))->plan, "pro");
  EXPECT_TRUE(await(set_plan(parts(), "a@example.com", "gold")).has_error());
  EXPECT_EQ(await(set_role(parts(), "b@example.com", "admin")).error().kind(), ErrorKind::not_found);
}

TEST_F(People, GetLimitsOfWhichOnlyThoseThatAreNamedChange) {
  const auto user = make("a@example.com").value();
  LimitFields fields;
  fields.requests_per_minute = 5;
  fields.tokens_per_day = 7;
  ASSERT_TRUE(await(set_limits(parts(), "a@example.com", fields)).has_value());
  fields = {};
  fields.requests_per_minute = 0;
  fields.concurrency = 2;
  const RateLimit expected{.concurrency = 2, .tokens_per_day = 7};
  EXPECT_EQ(await(set_limits(parts(), "a@example.com", fields)).value(), expected);
  EXPECT_EQ(find("a@example.com").limits, expected);
  fields.concurrency = -1;
  EXPECT_EQ(await(set_limits(parts(), "a@example.com", fields)).error().kind(), ErrorKind::validation);
  EXPECT_EQ(await(set_limits(parts(), "b@example.com", {})).error().kind(), ErrorKind::not_found);

  const auto key = await(make_key(parts(), user.id, "one")).value();
  LimitFields of_key;
  of_key.requests_per_day = 3;
  EXPECT_EQ(await(set_limits(parts(), key.key_id, of_key)).value().requests_per_day, 3);
  EXPECT_EQ(await(stores_->keys().find_by_id(key.key_id)).value().limits.requests_per_day, 3);
  EXPECT_EQ(find("a@example.com").limits, expected) << "a key's are not its user's";
  EXPECT_EQ(await(set_limits(parts(), "key_nobody", of_key)).error().kind(), ErrorKind::not_found);
}

TEST_F(People, GetBudgetsOfWhichOnlyThoseThatAreNamedChange) {
  const auto user = make("a@example.com").value();
  BudgetFields fields{.daily = "12.50", .total = "100", .reset_time = "06:00", .soft = {"daily"}};
  ASSERT_TRUE(await(set_budget(parts(), "a@example.com", fields)).has_value());
  fields = {.weekly = "3", .total = "none"};
  Budget expected{.daily = 12'500'000'000, .weekly = 3'000'000'000};
  expected.reset_minute = 360;
  expected.make_soft(BudgetPeriod::daily);
  EXPECT_EQ(await(set_budget(parts(), "a@example.com", fields)).value(), expected);
  EXPECT_EQ(find("a@example.com").budget, expected);
  expected.soft_periods = 0;
  EXPECT_EQ(await(set_budget(parts(), "a@example.com", {.soft = {"none"}})).value(), expected);
  for (const BudgetFields& wrong : {BudgetFields{.daily = "much"}, BudgetFields{.reset_time = "25:00"},
                                    BudgetFields{.soft = {"daily", "yearly"}}}) {
    EXPECT_EQ(await(set_budget(parts(), "a@example.com", wrong)).error().kind(), ErrorKind::validation);
  }
  EXPECT_EQ(find("a@example.com").budget, expected);

  const auto key = await(make_key(parts(), user.id, "one")).value();
  EXPECT_EQ(await(set_budget(parts(), key.key_id, {.monthly = "1"})).value().monthly, 1'000'000'000);
  EXPECT_EQ(await(stores_->keys().find_by_id(key.key_id)).value().budget.monthly, 1'000'000'000);
}

TEST_F(People, LoseTheirSessionsWithTheirPassword) {
  const auto user = make("a@example.com").value();
  Session session{
      .id = "ses_1", .family_id = "ses_1", .user_id = user.id, .refresh_hash = std::string(64, 'a')};
  session.created_at = clock_.now();
  session.expires_at = clock_.now() + std::chrono::hours(1);
  ASSERT_TRUE(await(stores_->sessions().insert(std::move(session))).has_value());
  ASSERT_TRUE(await(set_password(parts(), "a@example.com", "another passphrase")).has_value());
  EXPECT_TRUE(verify_password("another passphrase", find("a@example.com").password_hash));
  EXPECT_TRUE(await(stores_->sessions().list_live(user.id, clock_.now())).value().empty());
}

TEST_F(People, MakeNoMoreKeysThanTheirPlanAllows) {
  const auto user = make("a@example.com").value();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(await(make_key(parts(), user.id, "a key")).has_value());
  EXPECT_EQ(await(make_key(parts(), user.id, "one too many")).error().kind(), ErrorKind::limit_exceeded);
}

}  // namespace first_start_test
}  // namespace relay
