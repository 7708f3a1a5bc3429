#include "store/store_contract.h"

namespace relay::test {
namespace provider_object_store_test {

using namespace std::chrono_literals;

class ProviderObjectStoreContract : public StoreContract {
 protected:
  ProviderObjectStoreContract() {
    put_user("usr_1");
    put_user("usr_2");
  }
  ProviderObject an_object(const std::string& id, const std::string& user_id = "usr_1") {
    clock_.advance(1ms);
    return {.id = id,
            .provider = "anthropic",
            .kind = ProviderObjectKind::batch,
            .user_id = user_id,
            .key_id = "key_1",
            .account_id = "env_anthropic",
            .model = "claude-sonnet-5-5",
            .created_at = clock_.now(),
            .expires_at = clock_.now() + 48h};
  }
  void put(std::vector<ProviderObject> objects) {
    ASSERT_TRUE(await(objects_.insert(std::move(objects))).has_value());
  }
  std::vector<std::string> ids(ProviderObjectQuery query) {
    std::vector<std::string> found;
    const auto objects = await(objects_.list(std::move(query)));
    for (const auto& object : objects.value()) found.push_back(object.id);
    return found;
  }
  static ProviderObjectQuery batches_of(const std::string& user_id) {
    return {.user_id = user_id, .provider = "anthropic", .kind = ProviderObjectKind::batch};
  }
  using Ids = std::vector<std::string>;
  ProviderObjectStore& objects_ = store_->provider_objects();
};

TEST_P(ProviderObjectStoreContract, FindsWhatWasPutInAsItWas) {
  auto file = an_object("file_1");
  file.kind = ProviderObjectKind::file;
  file.provider = "openai";
  file.purpose = "batch_output";
  file.batch_id = "batch_1";
  file.expires_at.reset();
  const auto batch = an_object("batch_1");
  put({file, batch});
  EXPECT_EQ(await(objects_.find("file_1")).value(), file);
  EXPECT_EQ(await(objects_.find("batch_1")).value(), batch);
  EXPECT_EQ(code_of(await(objects_.find("batch_2"))), "object_unknown");
}

TEST_P(ProviderObjectStoreContract, KeepsTheFirstOwner) {
  const auto first = an_object("batch_1");
  put({first});
  put({an_object("batch_1", "usr_2"), an_object("batch_2", "usr_2"), an_object("batch_3", "nobody")});
  EXPECT_EQ(await(objects_.find("batch_1")).value(), first);
  EXPECT_EQ(await(objects_.find("batch_2")).value().user_id, "usr_2");
  EXPECT_EQ(kind_of(await(objects_.find("batch_3"))), ErrorKind::not_found) << "its user is nobody";
}

TEST_P(ProviderObjectStoreContract, ListsOneUsersObjectsOfAKindInPages) {
  const auto at = clock_.now() + 1s;
  std::vector<ProviderObject> objects;
  for (const auto* id : {"b", "a", "d", "c"}) {
    objects.push_back(an_object(id));
    if (std::string(id) == "d" || std::string(id) == "c") objects.back().created_at = at;  // in one moment
  }
  objects.push_back(an_object("of somebody else", "usr_2"));
  objects.push_back(an_object("of another provider"));
  objects.back().provider = "openai";
  objects.push_back(an_object("of another kind"));
  objects.back().kind = ProviderObjectKind::response;
  put(objects);
  auto query = batches_of("usr_1");
  EXPECT_EQ(ids(query), (Ids{"d", "c", "a", "b"}));
  query.limit = 2;
  query.behind = PagePlace{.created_at_ms = at.time_since_epoch().count(), .id = "d"};
  EXPECT_EQ(ids(query), (Ids{"c", "a"}));
  query.oldest_first = true;
  query.behind.reset();
  EXPECT_EQ(ids(query), (Ids{"b", "a"}));
  query.behind = PagePlace{.created_at_ms = at.time_since_epoch().count(), .id = "c"};
  EXPECT_EQ(ids(query), (Ids{"d"}));
  EXPECT_EQ(ids(batches_of("usr_2")), (Ids{"of somebody else"}));
}

TEST_P(ProviderObjectStoreContract, ListsFilesOfAPurpose) {
  std::vector<ProviderObject> files;
  for (const auto* purpose : {"batch", "user_data", "batch"}) {
    files.push_back(an_object("file_" + std::to_string(files.size())));
    files.back().purpose = purpose;
  }
  put(files);
  auto query = batches_of("usr_1");
  query.purpose = "batch";
  query.limit = 1;
  EXPECT_EQ(ids(query), (Ids{"file_2"}));
  query.behind = PagePlace{.created_at_ms = files[2].created_at.time_since_epoch().count(), .id = "file_2"};
  EXPECT_EQ(ids(query), (Ids{"file_0"}));
}

TEST_P(ProviderObjectStoreContract, RemembersThatUsageIsRecorded) {
  put({an_object("batch_1"), an_object("batch_2")});
  ASSERT_TRUE(await(objects_.set_usage_recorded("batch_1")).has_value());
  ASSERT_TRUE(await(objects_.set_usage_recorded("nothing")).has_value());
  EXPECT_TRUE(await(objects_.find("batch_1")).value().usage_recorded);
  EXPECT_FALSE(await(objects_.find("batch_2")).value().usage_recorded);
}

TEST_P(ProviderObjectStoreContract, ForgetsWhatIsDeletedOrExpired) {
  auto stays = an_object("stays");
  stays.expires_at.reset();
  put({an_object("batch_1"), an_object("batch_2"), an_object("batch_3"), stays});
  ASSERT_TRUE(await(objects_.remove("batch_1")).has_value());
  ASSERT_TRUE(await(objects_.remove("batch_1")).has_value());
  EXPECT_EQ(ids(batches_of("usr_1")), (Ids{"batch_3", "batch_2", "stays"}));
  EXPECT_EQ(await(objects_.delete_expired(clock_.now(), 10)).value(), 0);
  EXPECT_EQ(await(objects_.delete_expired(clock_.now() + 49h, 1)).value(), 1);
  EXPECT_EQ(await(objects_.delete_expired(clock_.now() + 49h, 10)).value(), 1);
  EXPECT_EQ(ids(batches_of("usr_1")), (Ids{"stays"}));
}

TEST_P(ProviderObjectStoreContract, ForgetsWhatErasedUsersMade) {
  put({an_object("batch_1"), an_object("batch_2", "usr_2")});
  ASSERT_TRUE(await(store_->users().erase("usr_1", clock_.now())).has_value());
  EXPECT_EQ(kind_of(await(objects_.find("batch_1"))), ErrorKind::not_found);
  put({an_object("batch_3")});
  EXPECT_EQ(kind_of(await(objects_.find("batch_3"))), ErrorKind::not_found) << "its user is erased";
  EXPECT_TRUE(await(objects_.find("batch_2")).has_value());
}

RELAY_EVERY_STORE(ProviderObjectStoreContract);

}  // namespace provider_object_store_test
}  // namespace relay::test
