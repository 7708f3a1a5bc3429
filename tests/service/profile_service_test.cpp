#include "service/profile_service.h"

#include "service/services_under_test.h"

namespace relay::test {
namespace profile_service_test {

class ProfileServiceTest : public ServicesUnderTest, public testing::Test {
 protected:
  ProfileServiceTest() : user_(a_user("anna").user) { arrived(); }
  Result<Profile> change(ProfileChanges changes) {
    return await(profiles.update(user_.id, std::move(changes), here()));
  }
  User user_;
};

TEST_F(ProfileServiceTest, ChangesWhatIsNamed) {
  ProfileChanges changes;
  changes.username = "Anna.B";
  changes.display_name = "Anna Ñ";
  changes.timezone = "Europe/Berlin";
  changes.locale = "pt-br";
  const auto changed = change(changes);
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(changed->user.username.text(), "Anna.B");
  EXPECT_EQ(changed->user.display_name, "Anna Ñ");
  EXPECT_EQ(changed->user.timezone, "Europe/Berlin");
  EXPECT_EQ(changed->user.locale, "pt-BR");
  EXPECT_EQ(changed->user.email, user_.email);
  EXPECT_TRUE(arrived().empty());
}

TEST_F(ProfileServiceTest, NamesEveryWrongField) {
  ProfileChanges changes;
  changes.username = "a";
  changes.display_name = std::string("a\nb");
  changes.email = "no address";
  changes.timezone = "Mars/Olympus";
  changes.locale = "english";
  const auto refused = change(changes);
  ASSERT_TRUE(refused.has_error());
  std::vector<std::string> fields;
  for (const auto& each : refused.error().fields()) fields.push_back(each.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"username", "displayName", "email", "timezone", "locale"}));
}

TEST_F(ProfileServiceTest, AsksToVerifyAChangedAddressAndTellsTheOldOne) {
  UserChanges verified;
  verified.email_verified = true;
  ASSERT_TRUE(await(store->users().update(user_.id, verified, clock.now())).has_value());
  ProfileChanges changes;
  changes.email = "New@Example.com";
  const auto changed = change(changes);
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(changed->user.email.text(), "new@example.com");
  EXPECT_FALSE(changed->user.email_verified);
  const auto mails = arrived();
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(with_link(mails, "/verify-email?token=").recipient, "new@example.com");
  const auto told = with_link(mails, "/restore-email?token=");
  EXPECT_EQ(told.recipient, "anna@example.com");
  EXPECT_NE(told.words.text.find("from anna@example.com to new@example.com"), std::string::npos);
  ASSERT_TRUE(change(changes).has_value());  // the same again is no change
  EXPECT_TRUE(arrived().empty());
}

TEST_F(ProfileServiceTest, TakesNobodyElsesAddress) {
  a_user("berta");
  ProfileChanges changes;
  changes.email = "berta@example.com";
  EXPECT_EQ(refusal(change(changes)), "email_taken");
  changes.email = std::nullopt;
  changes.username = "BERTA";
  EXPECT_EQ(refusal(change(changes)), "username_taken");
}

}  // namespace profile_service_test
}  // namespace relay::test
