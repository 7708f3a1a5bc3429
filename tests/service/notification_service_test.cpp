#include "service/notification_service.h"

#include "service/notification_preferences.h"
#include "service/services_under_test.h"

namespace relay::test {
namespace notification_service_test {

using namespace std::chrono_literals;

class NotificationServiceTest : public ServicesUnderTest, public testing::Test {
 protected:
  NotificationServiceTest() : user_(a_verified_user("anna")) { arrived(); }

  User a_verified_user(const std::string& name) {
    auto user = a_user(name).user;
    UserChanges changes;
    changes.email_verified = true;
    return await(store->users().update(user.id, changes, clock.now())).value();
  }
  std::vector<std::string> kinds() {
    std::vector<std::string> kinds;
    const auto page = await(notifications.list(user_.id, false, {}));
    for (const auto& each : page.value().items) kinds.push_back(each.kind);
    return kinds;
  }
  Notice expiring(int key) {
    return {.kind = NotificationKind::key_expiring,
            .title = "T",
            .body = "B",
            .details = {{"key_name", "k"}, {"key_display", "d"}, {"expires_at", "soon"}},
            .subject = "key " + std::to_string(key)};
  }
  void prefer(NotificationKind kind, PreferenceChange change) {
    PreferenceChanges changes{{kind, change}};
    ASSERT_TRUE(await(notifications.change_preferences(as(user_.id), changes)).has_value());
  }
  void tell(Notice notice) {
    ASSERT_TRUE(await(notifications.tell(user_.id, std::move(notice))).has_value());
  }
  using Kinds = std::vector<std::string>;

  User user_;
};

TEST_F(NotificationServiceTest, TellsOfANewKeyOnBothWays) {
  ApiKeyChanges fields;
  fields.name = ApiKeyName::parse("build server").value();
  ASSERT_TRUE(await(keys.create(as(user_.id), fields)).has_value());
  EXPECT_EQ(kinds(), Kinds{"key_created"});
  const auto mails = arrived();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].words.subject, "A new API key: build server");
  EXPECT_NE(mails[0].words.text.find("Hello anna"), std::string::npos);
}

TEST_F(NotificationServiceTest, TellsOfASubjectOnce) {
  tell(expiring(1));
  tell(expiring(1));
  tell(expiring(2));
  EXPECT_EQ(kinds().size(), 2U);
  EXPECT_EQ(arrived().size(), 2U);
}

TEST_F(NotificationServiceTest, GoesTheWaysThatAreWished) {
  prefer(NotificationKind::key_expiring, {.in_app = false});
  tell(expiring(1));
  tell(expiring(1));
  EXPECT_EQ(kinds(), Kinds{});
  EXPECT_EQ(arrived().size(), 1U);
  prefer(NotificationKind::key_expiring, {.in_app = true, .email = false});
  tell(expiring(2));
  EXPECT_EQ(kinds(), Kinds{"key_expiring"});
  EXPECT_EQ(arrived().size(), 0U);
  prefer(NotificationKind::key_expiring, {.in_app = false});
  tell(expiring(3));
  EXPECT_EQ(kinds().size(), 1U);
  EXPECT_EQ(arrived().size(), 0U);
}

TEST_F(NotificationServiceTest, CanNotBeToldToHideWhatProtectsTheAccount) {
  PreferenceChanges changes{{NotificationKind::password_changed, {.email = false}},
                            {NotificationKind::key_created, {.email = false}}};
  const auto refused = await(notifications.change_preferences(as(user_.id), changes));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind(), ErrorKind::validation);
  ASSERT_EQ(refused.error().fields().size(), 1U);
  EXPECT_EQ(refused.error().fields()[0].field, "notifications.passwordChanged.email");
  EXPECT_TRUE(await(notifications.preferences(user_.id))->of(NotificationKind::key_created).email);
}

TEST_F(NotificationServiceTest, WritesToUnverifiedAddressesOnlyWhatProtectsTheAccount) {
  const auto stranger = a_user("berta").user;
  arrived();
  ASSERT_TRUE(await(notifications.tell(stranger.id, expiring(1))).has_value());
  EXPECT_TRUE(arrived().empty());
  ASSERT_TRUE(
      await(notifications.tell(stranger.id, password_changed_notice(here(), clock.now()))).has_value());
  EXPECT_EQ(arrived().size(), 1U);
}

TEST_F(NotificationServiceTest, TellsOfASignInFromAnUnknownDeviceOnce) {
  auto chrome = away("203.0.113.7");
  chrome.user_agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36";
  ASSERT_TRUE(await(auth.login("anna@example.com", plain(kPassword), here())).has_value());
  EXPECT_EQ(kinds(), Kinds{});  // as at the registration
  ASSERT_TRUE(await(auth.login("anna@example.com", plain(kPassword), chrome)).has_value());
  EXPECT_EQ(kinds(), Kinds{"new_sign_in"});
  const auto mails = arrived();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_NE(mails[0].words.text.find("Chrome on Linux"), std::string::npos);
  EXPECT_NE(mails[0].words.text.find("203.0.113.7"), std::string::npos);
  chrome.user_agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/132.0.1.2 Safari/537.36";
  ASSERT_TRUE(await(auth.login("anna@example.com", plain(kPassword), chrome)).has_value());
  EXPECT_EQ(kinds().size(), 1U);
}

TEST(NotificationPreferences, LeaveOtherSettingsAlone) {
  NotificationPreferences preferences;
  preferences.set(NotificationKind::limit_near, {.in_app = true, .email = false});
  const auto settings = with_preferences(R"({"theme":"dark"})", preferences);
  EXPECT_NE(settings.find(R"("theme":"dark")"), std::string::npos);
  EXPECT_EQ(read_preferences(settings).of(NotificationKind::limit_near), (NotificationChannels{true, false}));
  EXPECT_EQ(read_preferences("not JSON").of(NotificationKind::limit_near), NotificationChannels{});
  EXPECT_EQ(read_preferences(R"({"notifications":[1]})").of(NotificationKind::limit_near),
            NotificationChannels{});
}

}  // namespace notification_service_test
}  // namespace relay::test
