#include "store/store_contract.h"

#include <thread>

namespace relay::test {
namespace audit_store_test {

using namespace std::chrono_literals;

class AuditStoreContract : public StoreContract {
 protected:
  AuditEntry an_entry(const std::string& id, const std::string& user_id = "usr_1") {
    clock_.advance(1ms);
    return AuditEntry{.id = id,
                      .actor_kind = AuditActor::user,
                      .actor_id = user_id,
                      .user_id = user_id,
                      .action = "auth.login",
                      .outcome = AuditOutcome::failure,
                      .target = "ses_1",
                      .address = "10.0.0.1",
                      .user_agent = "test",
                      .request_id = "req_1",
                      .details = R"({"a":"b"})",
                      .created_at = clock_.now()};
  }
  void put(const std::string& id, const std::string& user_id = "usr_1") {
    ASSERT_TRUE(await(audit_.append({an_entry(id, user_id)})).has_value());
  }
  // The ids from the anchor on; asserts that each link holds and that the head is the last of them.
  std::vector<std::string> chain() {
    const auto head = await(audit_.head()).value();
    EXPECT_TRUE(head.sequence == 0 || chain_.holds(head));
    auto sequence = head.anchor_sequence;
    auto previous = head.anchor_hash;
    std::vector<std::string> ids;
    const auto links = await(audit_.read_chain(sequence, 1000)).value();
    for (const auto& link : links) {
      EXPECT_EQ(link.sequence, sequence + 1);
      EXPECT_TRUE(chain_.holds(previous, link)) << link.entry.id;
      sequence = link.sequence;
      previous = link.hash;
      ids.push_back(link.entry.id);
    }
    EXPECT_EQ(sequence, head.sequence);
    EXPECT_EQ(previous, head.hash);
    return ids;
  }
  std::vector<std::string> found(AuditFilter filter) {
    std::vector<std::string> ids;
    const auto page = await(audit_.list(filter, {})).value();
    for (const auto& entry : page.items) ids.push_back(entry.id);
    return ids;
  }
  using Ids = std::vector<std::string>;

  const AuditChain chain_{{kAuditSecret}};
  AuditStore& audit_ = store_->audit();
};

TEST_P(AuditStoreContract, ChainsInTheOrderOfStoring) {
  EXPECT_EQ(chain(), Ids());
  put("aud_1");
  ASSERT_TRUE(await(audit_.append({an_entry("aud_3"), an_entry("aud_2", "usr_2")})).has_value());
  EXPECT_EQ(chain(), (Ids{"aud_1", "aud_3", "aud_2"}));
}

TEST_P(AuditStoreContract, PassesOverWhatIsThereAlready) {
  const auto entry = an_entry("aud_1");
  ASSERT_TRUE(await(audit_.append({entry})).has_value());
  ASSERT_TRUE(await(audit_.append({entry, an_entry("aud_2")})).has_value());
  EXPECT_EQ(chain(), (Ids{"aud_1", "aud_2"}));
}

TEST_P(AuditStoreContract, GivesBackEveryField) {
  put("aud_1");
  const auto entry = await(audit_.list({}, {})).value().items.at(0);
  EXPECT_EQ(entry.actor_kind, AuditActor::user);
  EXPECT_EQ(entry.actor_id, "usr_1");
  EXPECT_EQ(entry.action, "auth.login");
  EXPECT_EQ(entry.outcome, AuditOutcome::failure);
  EXPECT_EQ(entry.target, "ses_1");
  EXPECT_EQ(entry.address, "10.0.0.1");
  EXPECT_EQ(entry.user_agent, "test");
  EXPECT_EQ(entry.request_id, "req_1");
  EXPECT_EQ(entry.details, R"({"a":"b"})");
  EXPECT_EQ(entry.created_at, clock_.now());
}

TEST_P(AuditStoreContract, ListsNewestFirstByWhatIsAsked) {
  put("aud_1");
  put("aud_2", "usr_2");
  const auto later = clock_.now();
  auto made = an_entry("aud_3");
  made.action = "key.created";
  made.actor_id = "usr_2";
  made.outcome = AuditOutcome::success;
  ASSERT_TRUE(await(audit_.append({made})).has_value());
  EXPECT_EQ(found({}), (Ids{"aud_3", "aud_2", "aud_1"}));
  EXPECT_EQ(found({.user_id = "usr_1"}), (Ids{"aud_3", "aud_1"}));
  EXPECT_EQ(found({.actor_id = "usr_2"}), (Ids{"aud_3", "aud_2"}));
  EXPECT_EQ(found({.action = "key."}), Ids{"aud_3"});
  EXPECT_EQ(found({.action = "%"}), Ids());
  EXPECT_EQ(found({.outcome = AuditOutcome::success}), Ids{"aud_3"});
  EXPECT_EQ(found({.from = later}), (Ids{"aud_3", "aud_2"}));
  EXPECT_EQ(found({.to = later}), Ids{"aud_1"});

  AuditFilter own{.user_id = "usr_1"};
  const auto first = await(audit_.list(own, {.limit = 1})).value();
  EXPECT_EQ(first.items.at(0).id, "aud_3");
  EXPECT_EQ(await(audit_.list(own, {.cursor = first.next_cursor}))->items.at(0).id, "aud_1");
  EXPECT_EQ(kind_of(await(audit_.list(own, {.cursor = "?"}))), ErrorKind::validation);
}

TEST_P(AuditStoreContract, ChainsManyWritersAtOnce) {
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([this, writer] {
      for (int n = 0; n < 10; ++n) {
        AuditEntry entry{.id = "aud_" + std::to_string(writer) + "_" + std::to_string(n), .action = "x"};
        EXPECT_TRUE(await(audit_.append({entry})).has_value());
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(chain().size(), 40U);
}

TEST_P(AuditStoreContract, StillHoldsWhenItsOldEndIsTrimmed) {
  for (const auto* id : {"aud_1", "aud_2", "aud_3", "aud_4"}) put(id);
  EXPECT_EQ(await(audit_.trim(clock_.now() - 1h, 10)).value(), 0);
  EXPECT_EQ(await(audit_.trim(clock_.now(), 2)).value(), 2);
  EXPECT_EQ(chain(), (Ids{"aud_3", "aud_4"}));
  EXPECT_EQ(await(audit_.trim(clock_.now() + 1h, 10)).value(), 1);  // the newest stays
  put("aud_5");
  EXPECT_EQ(chain(), (Ids{"aud_4", "aud_5"}));
}

RELAY_EVERY_STORE(AuditStoreContract);

}  // namespace audit_store_test
}  // namespace relay::test
