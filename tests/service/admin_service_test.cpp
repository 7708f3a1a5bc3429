#include "service/admin_service.h"

#include "service/services_under_test.h"

namespace relay {
namespace admin_service_test {

using test::await;
using test::refusal;

class AdminServiceTest : public testing::Test, protected test::ServicesUnderTest {
 protected:
  AdminServiceTest() {
    UserChanges changes;
    changes.role = UserRole::admin;
    EXPECT_TRUE(await(store->users().update(boss_.id, changes, clock.now())).has_value());
  }
  Actor boss() const { return as(boss_.id); }
  std::vector<AuditEntry> trail(std::string_view action) {
    AuditFilter filter;
    filter.action = std::string(action);
    return await(audit.list(std::move(filter), {})).value().items;
  }

  User boss_ = a_user("boss").user;
  SignedInUser ann_ = a_user("ann");
};

TEST_F(AdminServiceTest, ASuspendedPersonIsRefusedAtOnce) {
  ASSERT_TRUE(await(sessions.authenticate(ann_.tokens.access_token)).has_value());
  ASSERT_TRUE(await(admin.update_user(boss(), ann_.user.id, {.status = UserStatus::suspended})).has_value());
  EXPECT_EQ(refusal(await(sessions.authenticate(ann_.tokens.access_token))), "account_inactive");
  EXPECT_EQ(listener.users, std::vector<std::string>{ann_.user.id});
}

TEST_F(AdminServiceTest, EveryChangeIsInTheTrailAsTheAdmins) {
  ASSERT_TRUE(await(admin.update_user(boss(), ann_.user.id, {.plan = "pro"})).has_value());
  const auto entries = trail(audit_action::kUserUpdated);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].actor_kind, AuditActor::admin);
  EXPECT_EQ(entries[0].actor_id, boss_.id);
  EXPECT_EQ(entries[0].user_id, ann_.user.id);
  EXPECT_EQ(entries[0].details, R"({"plan":"pro"})");
}

TEST_F(AdminServiceTest, NobodyTakesAwayTheirOwnRoleOrComesBackFromTheDead) {
  EXPECT_EQ(refusal(await(admin.update_user(boss(), boss_.id, {.role = UserRole::user}))), "own_account");
  EXPECT_EQ(refusal(await(admin.erase_user(boss(), boss_.id))), "own_account");
  EXPECT_EQ(refusal(await(admin.update_user(boss(), boss_.id, {.plan = "pro"}))), "passed");
  ASSERT_TRUE(await(admin.erase_user(boss(), ann_.user.id)).has_value());
  EXPECT_EQ(refusal(await(admin.update_user(boss(), ann_.user.id, {.status = UserStatus::active}))),
            "user_deleted");
  EXPECT_EQ(refusal(await(admin.force_password_reset(boss(), ann_.user.id))), "user_deleted");
}

TEST_F(AdminServiceTest, AForcedResetEndsPasswordAndSessions) {
  ASSERT_TRUE(await(admin.force_password_reset(boss(), ann_.user.id)).has_value());
  EXPECT_EQ(refusal(await(sessions.authenticate(ann_.tokens.access_token))), "session_ended");
  EXPECT_EQ(refusal(await(auth.login("ann@example.com", plain(kPassword), here()))), "invalid_credentials");
}

TEST_F(AdminServiceTest, AnybodysKeyIsSuspendedAndRevoked) {
  ApiKeyChanges fields;
  fields.name = ApiKeyName::parse("laptop").value();
  const auto made = await(keys.create(as(ann_.user.id), fields)).value();
  ASSERT_TRUE(await(admin.update_key(boss(), made.key.id, {.active = false})).has_value());
  EXPECT_EQ(listener.keys.back(), ApiKeyHash::of(made.secret));
  EXPECT_FALSE(await(keys.verify(std::string(made.secret.text()), away("203.0.113.1"))).value().usable);
  ASSERT_TRUE(await(admin.revoke_key(boss(), made.key.id)).has_value());
  EXPECT_EQ(refusal(await(admin.update_key(boss(), made.key.id, {.active = true}))), "api_key_revoked");
  EXPECT_EQ(refusal(await(admin.revoke_key(boss(), "key_0"))), "api_key_unknown");
}

TEST_F(AdminServiceTest, AChangedPlanIsTold) {
  Plan plan = await(admin.find_plan("free")).value();
  plan.max_keys = 1;
  ASSERT_TRUE(await(admin.put_plan(boss(), plan)).has_value());
  EXPECT_EQ(listener.plans, std::vector<std::string>{"free"});
  EXPECT_EQ(await(admin.find_plan("free")).value().max_keys, 1);
}

}  // namespace admin_service_test
}  // namespace relay
