#include "store/store_contract.h"

#include <algorithm>

namespace relay::test {
namespace session_store_test {

class SessionStoreContract : public StoreContract {
 protected:
  SessionStoreContract() { put_user("usr_1"), put_user("usr_2"); }

  Session put(const std::string& id, const std::string& user_id = "usr_1", const std::string& family = "") {
    auto session = a_session(id, user_id);
    if (!family.empty()) session.family_id = family;
    EXPECT_TRUE(await(sessions_.insert(session)).has_value());
    return session;
  }

  bool is_live(const std::string& id) { return await(sessions_.find(id)).value().is_live(clock_.now()); }

  SessionStore& sessions_ = store_->sessions();
};

TEST_P(SessionStoreContract, FindsWhatWasInserted) {
  const auto session = put("ses_1");
  const auto found = await(sessions_.find("ses_1"));
  ASSERT_TRUE(found.has_value()) << found.error().cause();
  EXPECT_EQ(found->family_id, "ses_1");
  EXPECT_EQ(found->user_id, "usr_1");
  EXPECT_EQ(found->refresh_hash, session.refresh_hash);
  EXPECT_EQ(found->previous_refresh_hash, "");
  EXPECT_EQ(found->rotated_at, std::nullopt);
  EXPECT_EQ(found->created_at, session.created_at);
  EXPECT_EQ(found->expires_at, session.expires_at);
  EXPECT_EQ(found->last_used_at, session.last_used_at);
  EXPECT_EQ(found->revoked_at, std::nullopt);
  EXPECT_EQ(found->user_agent, "test");
  EXPECT_EQ(found->address, "127.0.0.1");
  EXPECT_EQ(kind_of(await(sessions_.find("ses_0"))), ErrorKind::not_found);
}

TEST_P(SessionStoreContract, RefusesATwinAndAStranger) {
  put("ses_1");
  EXPECT_EQ(kind_of(await(sessions_.insert(a_session("ses_1", "usr_1")))), ErrorKind::conflict);
  auto same_token = a_session("ses_2", "usr_1");
  same_token.refresh_hash = "hash of ses_1";
  EXPECT_EQ(kind_of(await(sessions_.insert(same_token))), ErrorKind::conflict);
  EXPECT_EQ(code_of(await(sessions_.insert(a_session("ses_3", "usr_0")))), "user_unknown");
}

TEST_P(SessionStoreContract, KnowsEveryTokenASessionEverHad) {
  put("ses_1");
  const auto expires = clock_.now() + std::chrono::hours(1);
  ASSERT_TRUE(await(sessions_.rotate("ses_1", "hash of ses_1", "b", clock_.now(), expires)).has_value());
  ASSERT_TRUE(await(sessions_.rotate("ses_1", "b", "c", clock_.now(), expires)).has_value());

  EXPECT_EQ(await(sessions_.find_by_refresh_hash("c"))->age, RefreshTokenAge::current);
  EXPECT_EQ(await(sessions_.find_by_refresh_hash("b"))->age, RefreshTokenAge::previous);
  const auto spent = await(sessions_.find_by_refresh_hash("hash of ses_1"));
  ASSERT_TRUE(spent.has_value());
  EXPECT_EQ(spent->age, RefreshTokenAge::spent);
  EXPECT_EQ(spent->session.id, "ses_1");
  EXPECT_EQ(code_of(await(sessions_.find_by_refresh_hash("d"))), "session_unknown");
  EXPECT_EQ(kind_of(await(sessions_.find_by_refresh_hash(""))), ErrorKind::not_found);

  const auto session = await(sessions_.find("ses_1")).value();
  EXPECT_TRUE(session.in_grace("b", clock_.now()));
  EXPECT_EQ(session.expires_at, expires);
  EXPECT_EQ(session.last_used_at, clock_.now());
}

TEST_P(SessionStoreContract, LetsOneOfTwoRotationsWin) {
  put("ses_1");
  const auto expires = clock_.now() + std::chrono::hours(1);
  EXPECT_TRUE(await(sessions_.rotate("ses_1", "hash of ses_1", "b", clock_.now(), expires)).has_value());
  EXPECT_EQ(code_of(await(sessions_.rotate("ses_1", "hash of ses_1", "c", clock_.now(), expires))),
            "refresh_token_rotated");
  EXPECT_EQ(await(sessions_.find("ses_1"))->refresh_hash, "b");
  EXPECT_EQ(kind_of(await(sessions_.rotate("ses_0", "a", "b", clock_.now(), expires))), ErrorKind::not_found);

  ASSERT_TRUE(await(sessions_.revoke("usr_1", "ses_1", clock_.now())).has_value());
  EXPECT_EQ(kind_of(await(sessions_.rotate("ses_1", "b", "c", clock_.now(), expires))), ErrorKind::conflict);
}

TEST_P(SessionStoreContract, RevokesOnlyOnesOwn) {
  put("ses_1");
  EXPECT_EQ(kind_of(await(sessions_.revoke("usr_2", "ses_1", clock_.now()))), ErrorKind::not_found);
  EXPECT_TRUE(is_live("ses_1"));
  const auto first = clock_.now();
  ASSERT_TRUE(await(sessions_.revoke("usr_1", "ses_1", first)).has_value());
  clock_.advance(std::chrono::seconds(1));
  ASSERT_TRUE(await(sessions_.revoke("usr_1", "ses_1", clock_.now())).has_value());
  EXPECT_EQ(await(sessions_.find("ses_1"))->revoked_at, first);
}

TEST_P(SessionStoreContract, EndsAFamilyAndNamesWhoWasLive) {
  put("ses_1");
  put("ses_2", "usr_1", "ses_1");
  put("ses_3", "usr_1", "ses_1");
  put("ses_4");
  ASSERT_TRUE(await(sessions_.revoke("usr_1", "ses_3", clock_.now())).has_value());
  auto ended = await(sessions_.revoke_family("ses_1", clock_.now())).value();
  std::ranges::sort(ended);
  EXPECT_EQ(ended, (std::vector<std::string>{"ses_1", "ses_2"}));
  EXPECT_FALSE(is_live("ses_1"));
  EXPECT_FALSE(is_live("ses_2"));
  EXPECT_TRUE(is_live("ses_4"));
}

TEST_P(SessionStoreContract, EndsAllButOne) {
  put("ses_1");
  put("ses_2");
  put("ses_3", "usr_2");
  EXPECT_EQ(await(sessions_.revoke_all("usr_1", "ses_2", clock_.now())).value(),
            std::vector<std::string>{"ses_1"});
  EXPECT_TRUE(is_live("ses_2"));
  EXPECT_TRUE(is_live("ses_3"));
  EXPECT_EQ(await(sessions_.revoke_all("usr_1", "", clock_.now())).value(),
            std::vector<std::string>{"ses_2"});
}

TEST_P(SessionStoreContract, ListsTheLiveOnes) {
  put("ses_1");
  put("ses_2");
  put("ses_3");
  put("ses_4", "usr_2");
  ASSERT_TRUE(await(sessions_.revoke("usr_1", "ses_2", clock_.now())).has_value());
  const auto live = await(sessions_.list_live("usr_1", clock_.now())).value();
  ASSERT_EQ(live.size(), 2U);
  EXPECT_EQ(live[0].id, "ses_3");
  EXPECT_EQ(live[1].id, "ses_1");
  clock_.advance(std::chrono::hours(24 * 31));
  EXPECT_TRUE(await(sessions_.list_live("usr_1", clock_.now()))->empty());
}

TEST_P(SessionStoreContract, KnowsWhereAnAccountWasSignedInFrom) {
  const auto from = [this](const std::string& id, const std::string& user_id, const std::string& address) {
    auto session = a_session(id, user_id);
    session.address = address;
    ASSERT_TRUE(await(sessions_.insert(session)).has_value());
  };
  from("ses_1", "usr_1", "192.0.2.1");
  from("ses_2", "usr_1", "192.0.2.2");
  from("ses_3", "usr_1", "192.0.2.1");
  from("ses_4", "usr_2", "192.0.2.4");
  ASSERT_TRUE(await(sessions_.revoke_all("usr_1", "", clock_.now())).has_value());
  const auto addresses = [this](const char* email) {
    return await(sessions_.addresses_of(EmailAddress::from_store(email))).value();
  };
  EXPECT_EQ(addresses("usr_1@example.com"), (std::vector<std::string>{"192.0.2.1", "192.0.2.2"}));
  EXPECT_TRUE(addresses("nobody@example.com").empty());
}

TEST_P(SessionStoreContract, DeletesWhatEndedLongAgo) {
  put("ses_1");
  put("ses_2");
  ASSERT_TRUE(await(sessions_.revoke("usr_1", "ses_1", clock_.now())).has_value());
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(await(sessions_.delete_ended(clock_.now(), 10)).value(), 1);
  EXPECT_EQ(kind_of(await(sessions_.find("ses_1"))), ErrorKind::not_found);
  EXPECT_TRUE(is_live("ses_2"));
}

RELAY_EVERY_STORE(SessionStoreContract);

}  // namespace session_store_test
}  // namespace relay::test
