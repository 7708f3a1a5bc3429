#include "store/store_contract.h"

namespace relay::test {
namespace user_store_test {

class UserStoreContract : public StoreContract {
 protected:
  UserStore& users_ = store_->users();
};

TEST_P(UserStoreContract, FindsWhatWasInserted) {
  auto user = a_user("usr_1");
  user.display_name = "Ann ' \" ; ü";
  user.role = UserRole::admin;
  user.status = UserStatus::suspended;
  user.email_verified = true;
  user.plan = "pro";
  user.limits = {.requests_per_minute = 1,
                 .tokens_per_minute = 2,
                 .requests_per_day = 3,
                 .concurrency = 4,
                 .tokens_per_day = 5};
  user.budget = {.daily = 0, .weekly = 1, .monthly = 2, .total = 3, .reset_minute = 360, .soft_periods = 1};
  user.balance_nano_usd = -5'000'000'000'000;
  user.timezone = "Europe/Paris";
  user.locale = "fr";
  user.settings = R"({"a":1})";
  user.metadata = R"({"b":2})";
  user.last_login_at = clock_.now();
  ASSERT_TRUE(await(users_.insert(user)).has_value());

  for (const auto& found :
       {await(users_.find("usr_1")).value(), await(users_.find_by_email(user.email)).value()}) {
    EXPECT_EQ(found.id, user.id);
    EXPECT_EQ(found.email, user.email);
    EXPECT_EQ(found.username, user.username);
    EXPECT_EQ(found.display_name, user.display_name);
    EXPECT_EQ(found.password_hash, user.password_hash);
    EXPECT_EQ(found.role, user.role);
    EXPECT_EQ(found.status, user.status);
    EXPECT_TRUE(found.email_verified);
    EXPECT_EQ(found.plan, "pro");
    EXPECT_EQ(found.limits, user.limits);
    EXPECT_EQ(found.budget, user.budget);
    EXPECT_EQ(found.balance_nano_usd, user.balance_nano_usd);
    EXPECT_EQ(found.timezone, user.timezone);
    EXPECT_EQ(found.locale, user.locale);
    EXPECT_EQ(found.settings, user.settings);
    EXPECT_EQ(found.metadata, user.metadata);
    EXPECT_EQ(found.usage, UsageCounters());
    EXPECT_EQ(found.last_login_at, user.last_login_at);
    EXPECT_EQ(found.created_at, user.created_at);
    EXPECT_EQ(found.updated_at, user.updated_at);
  }
}

TEST_P(UserStoreContract, SaysNotFoundForAStranger) {
  EXPECT_EQ(kind_of(await(users_.find("usr_0"))), ErrorKind::not_found);
  EXPECT_EQ(code_of(await(users_.find_by_email(EmailAddress::from_store("x@y.z")))), "user_unknown");
  EXPECT_EQ(kind_of(await(users_.update("usr_0", UserChanges{.plan = "pro"}, clock_.now()))),
            ErrorKind::not_found);
  EXPECT_EQ(kind_of(await(users_.erase("usr_0", clock_.now()))), ErrorKind::not_found);
}

TEST_P(UserStoreContract, RefusesATakenAddressOrName) {
  put_user("usr_1");
  auto same_email = a_user("usr_2");
  same_email.email = EmailAddress::from_store("usr_1@example.com");
  const auto by_email = await(users_.insert(same_email));
  EXPECT_EQ(code_of(by_email), "email_taken");
  EXPECT_EQ(kind_of(by_email), ErrorKind::conflict);
  EXPECT_EQ(by_email.error().message(), "Email already registered");

  auto same_name = a_user("usr_2");
  same_name.username = Username::from_store("NAME_usr_1");
  const auto by_name = await(users_.insert(same_name));
  EXPECT_EQ(code_of(by_name), "username_taken");
  EXPECT_EQ(by_name.error().message(), "Username already taken");
  EXPECT_EQ(kind_of(await(users_.find("usr_2"))), ErrorKind::not_found);
}

TEST_P(UserStoreContract, NeverPutsAPasswordHashIntoTheWordsForTheLog) {
  put_user("usr_1");
  const auto again = await(users_.insert(a_user("usr_1")));
  ASSERT_TRUE(again.has_error());
  EXPECT_EQ(again.error().cause().find("$2b$"), std::string::npos) << again.error().cause();
}

TEST_P(UserStoreContract, ChangesOnlyTheNamedFields) {
  put_user("usr_1");
  const auto before = await(users_.find("usr_1")).value();
  clock_.advance(std::chrono::seconds(1));
  UserChanges changes{
      .display_name = "Ann", .status = UserStatus::suspended, .email_verified = true, .plan = "basic"};
  const auto after = await(users_.update("usr_1", changes, clock_.now()));
  ASSERT_TRUE(after.has_value()) << after.error().cause();
  EXPECT_EQ(after->display_name, "Ann");
  EXPECT_EQ(after->status, UserStatus::suspended);
  EXPECT_TRUE(after->email_verified);
  EXPECT_EQ(after->plan, "basic");
  EXPECT_EQ(after->updated_at, clock_.now());
  EXPECT_EQ(after->email, before.email);
  EXPECT_EQ(after->password_hash, before.password_hash);
  EXPECT_EQ(after->created_at, before.created_at);
  EXPECT_EQ(await(users_.find("usr_1"))->display_name, "Ann");
}

TEST_P(UserStoreContract, RefusesAChangeToATakenNameOrAnUnknownPlan) {
  put_user("usr_1");
  put_user("usr_2");
  const UserChanges to_email{.email = EmailAddress::from_store("usr_1@example.com")};
  EXPECT_EQ(code_of(await(users_.update("usr_2", to_email, clock_.now()))), "email_taken");
  const UserChanges to_name{.username = Username::from_store("name_usr_1")};
  EXPECT_EQ(code_of(await(users_.update("usr_2", to_name, clock_.now()))), "username_taken");
  const UserChanges to_plan{.plan = "gold"};
  EXPECT_EQ(kind_of(await(users_.update("usr_2", to_plan, clock_.now()))), ErrorKind::validation);
  // One's own name in another case is not taken.
  const UserChanges to_case{.username = Username::from_store("NAME_USR_2")};
  EXPECT_EQ(await(users_.update("usr_2", to_case, clock_.now()))->username.text(), "NAME_USR_2");
}

TEST_P(UserStoreContract, RecordsALogin) {
  put_user("usr_1");
  ASSERT_TRUE(await(users_.record_login("usr_1", clock_.now())).has_value());
  EXPECT_EQ(await(users_.find("usr_1"))->last_login_at, clock_.now());
  EXPECT_TRUE(await(users_.record_login("usr_0", clock_.now())).has_value());
}

TEST_P(UserStoreContract, ListsInPagesNewestFirst) {
  for (const auto* id : {"usr_1", "usr_2", "usr_3", "usr_4", "usr_5"}) put_user(id);
  std::string seen;
  PageRequest request{.cursor = "", .limit = 2};
  int pages = 0;
  do {
    const auto page = await(users_.list({}, request));
    ASSERT_TRUE(page.has_value()) << page.error().cause();
    for (const auto& user : page->items) seen += user.id.back();
    request.cursor = page->next_cursor;
    ++pages;
  } while (!request.cursor.empty() && pages < 9);
  EXPECT_EQ(seen, "54321");
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(kind_of(await(users_.list({}, PageRequest{.cursor = "nonsense"}))), ErrorKind::validation);
}

TEST_P(UserStoreContract, SearchesByTheLetter) {
  put_user("usr_1");
  put_user("usr_2");
  put_user("usrx3");
  EXPECT_EQ(await(users_.list(UserFilter{.search = "USR_"}, {}))->items.size(), 2U);
  EXPECT_EQ(await(users_.list(UserFilter{.search = "%"}, {}))->items.size(), 0U);
  EXPECT_EQ(await(users_.list(UserFilter{.status = UserStatus::deleted}, {}))->items.size(), 0U);
}

TEST_P(UserStoreContract, ErasesThePersonAndEndsWhatWasOpen) {
  put_user("usr_1");
  put_user("usr_2");
  auto key = a_key("key_1", "usr_1");
  key.description = "Ann's laptop";
  put_key(key);
  put_key(a_key("key_2", "usr_2"));
  ASSERT_TRUE(await(store_->sessions().insert(a_session("ses_1", "usr_1"))).has_value());
  ASSERT_TRUE(await(users_.erase("usr_1", clock_.now())).has_value());

  const auto erased = await(users_.find("usr_1")).value();
  EXPECT_EQ(erased.status, UserStatus::deleted);
  EXPECT_EQ(erased.password_hash, "");
  EXPECT_EQ(erased.email.text().find('@'), std::string::npos);
  EXPECT_EQ(kind_of(await(store_->sessions().find("ses_1"))), ErrorKind::not_found);
  const auto gone = await(store_->keys().find("usr_1", "key_1")).value();
  EXPECT_EQ(gone.status, ApiKeyStatus::revoked);
  EXPECT_EQ(gone.description, "");
  EXPECT_EQ(await(store_->keys().find("usr_2", "key_2"))->status, ApiKeyStatus::active);
  // The address is free again.
  auto back = a_user("usr_3");
  back.email = EmailAddress::from_store("usr_1@example.com");
  EXPECT_TRUE(await(users_.insert(back)).has_value());
}

RELAY_EVERY_STORE(UserStoreContract);

}  // namespace user_store_test
}  // namespace relay::test
