#include "store/store_contract.h"

namespace relay::test {
namespace identity_store_test {

class IdentityStoreContract : public StoreContract {
 protected:
  IdentityStoreContract() { put_user("usr_1"), put_user("usr_2"); }

  Identity an_identity(const std::string& id, const std::string& user_id, const std::string& subject) {
    clock_.advance(std::chrono::milliseconds(1));
    return Identity{.id = id,
                    .user_id = user_id,
                    .provider = "oidc",
                    .issuer = "https://issuer.example",
                    .subject = subject,
                    .email = subject + "@example.com",
                    .created_at = clock_.now(),
                    .last_used_at = clock_.now()};
  }
  void put(const Identity& identity) { ASSERT_TRUE(await(identities_.insert(identity)).has_value()); }

  IdentityStore& identities_ = store_->identities();
};

TEST_P(IdentityStoreContract, FindsOneByIssuerAndSubject) {
  put(an_identity("idn_1", "usr_1", "A"));
  const auto found = await(identities_.find("https://issuer.example", "A")).value();
  EXPECT_EQ(found.id, "idn_1");
  EXPECT_EQ(found.user_id, "usr_1");
  EXPECT_EQ(found.provider, "oidc");
  EXPECT_EQ(found.email, "A@example.com");
  EXPECT_EQ(found.created_at, clock_.now());
  EXPECT_EQ(code_of(await(identities_.find("https://other.example", "A"))), "identity_unknown");
  EXPECT_EQ(code_of(await(identities_.find("https://issuer.example", "a"))), "identity_unknown");
}

TEST_P(IdentityStoreContract, GivesASubjectToOnePersonOnly) {
  put(an_identity("idn_1", "usr_1", "A"));
  EXPECT_EQ(code_of(await(identities_.insert(an_identity("idn_2", "usr_2", "A")))), "identity_taken");
  EXPECT_EQ(code_of(await(identities_.insert(an_identity("idn_3", "usr_0", "B")))), "user_unknown");
}

TEST_P(IdentityStoreContract, ListsAndRemovesOnlyOnesOwn) {
  put(an_identity("idn_1", "usr_1", "A"));
  put(an_identity("idn_2", "usr_1", "B"));
  put(an_identity("idn_3", "usr_2", "C"));
  EXPECT_EQ(code_of(await(identities_.remove("usr_2", "idn_1"))), "identity_unknown");
  ASSERT_TRUE(await(identities_.remove("usr_1", "idn_1")).has_value());
  const auto left = await(identities_.list("usr_1")).value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left.front().id, "idn_2");
}

TEST_P(IdentityStoreContract, KeepsWhenItWasUsed) {
  const auto identity = an_identity("idn_1", "usr_1", "A");
  put(identity);
  clock_.advance(std::chrono::hours(1));
  ASSERT_TRUE(await(identities_.record_use("idn_1", "new@example.com", clock_.now())).has_value());
  const auto found = await(identities_.list("usr_1"))->front();
  EXPECT_EQ(found.email, "new@example.com");
  EXPECT_EQ(found.last_used_at, clock_.now());
  EXPECT_EQ(found.created_at, identity.created_at);
}

TEST_P(IdentityStoreContract, GoesWithItsUser) {
  put(an_identity("idn_1", "usr_1", "A"));
  ASSERT_TRUE(await(store_->users().erase("usr_1", clock_.now())).has_value());
  EXPECT_EQ(code_of(await(identities_.find("https://issuer.example", "A"))), "identity_unknown");
}

RELAY_EVERY_STORE(IdentityStoreContract);

}  // namespace identity_store_test
}  // namespace relay::test
