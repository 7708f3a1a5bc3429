#include "store/store_copy.h"

#include "metering/records.h"
#include "store/copy_progress.h"
#include "store/store_contract.h"
#include "store/temporary_folder.h"

#include <algorithm>
#include <filesystem>

namespace relay::test {
namespace store_copy_test {

using std::chrono::hours;

/// Fails after so many writes, as a store does that goes away.
class FailingRows final : public RowStore {
 public:
  FailingRows(RowStore& behind, int writes) : behind_(behind), writes_(writes) {}
  Task<RowPage> read(const RowTable& table, std::string place, int limit) override {
    return behind_.read(table, std::move(place), limit);
  }
  Task<> put(const RowTable& table, std::vector<Row> rows) override {
    if (writes_-- <= 0) return away();
    return behind_.put(table, std::move(rows));
  }
  Task<> clear(const RowTable& table) override { return behind_.clear(table); }
  Task<std::vector<TableSize>> sizes() override { return behind_.sizes(); }

 private:
  static Task<> away() { co_return Error(ErrorKind::unavailable, "store_unavailable", "away"); }
  RowStore& behind_;
  int writes_;
};

/// GetParam() is where the copy goes to; it comes from every store in turn.
class StoreCopyContract : public StoreContract {
 protected:
  static CopyEnd end_of(StoreUnderTest& store) { return end_of(store, store.rows()); }
  static CopyEnd end_of(StoreUnderTest& store, RowStore& rows) {
    return {.rows = rows, .usage = store.usage(), .users = store.users(), .leases = store.job_leases()};
  }

  Result<std::vector<TableDigest>> copy(StoreUnderTest& from, CopyEnd to,
                                        const std::string& progress = "progress") {
    return await(copy_store({.from = end_of(from),
                             .to = to,
                             .progress_file = folder_.file(progress),
                             .clock = clock_,
                             .random = random_,
                             .say = [](std::string_view) {}}));
  }

  void fill(StoreUnderTest& store) {
    for (const auto* id : {"usr_1", "usr_2"}) {
      auto user = a_user(id);
      user.display_name = "Zoë, \"quoted\" \\ 'and' 日本 🎉\n second line";
      ASSERT_TRUE(await(store.users().insert(user)).has_value());
    }
    key_ = a_key("key_1", "usr_1");
    ASSERT_TRUE(await(store.keys().insert(*key_, 0)).has_value());
    old_hash_ = key_->hash;
    const SecretReplacement fresh{.hash = ApiKeyHash::of(ApiKeySecret::generate(random_)),
                                  .prefix = "cr_new",
                                  .suffix = "wxyz",
                                  .old_until = clock_.now() + hours(1)};
    ASSERT_TRUE(await(store.keys().replace_secret("usr_1", "key_1", fresh, clock_.now())).has_value());
    ASSERT_TRUE(await(store.sessions().insert(a_session("ses_1", "usr_1"))).has_value());
    ASSERT_TRUE(await(store.sessions().rotate("ses_1", "hash of ses_1", "second hash", clock_.now(),
                                              clock_.now() + hours(24)))
                    .has_value());
    ASSERT_TRUE(await(store.sessions().rotate("ses_1", "second hash", "third hash", clock_.now(),
                                              clock_.now() + hours(24)))
                    .has_value());
    ASSERT_TRUE(await(store.email_tokens().insert({.token_hash = "token hash",
                                                   .user_id = "usr_2",
                                                   .purpose = EmailTokenPurpose::reset,
                                                   .email = EmailAddress::from_store("usr_2@example.com"),
                                                   .created_at = clock_.now(),
                                                   .expires_at = clock_.now() + hours(1)}))
                    .has_value());
    ASSERT_TRUE(await(store.secrets().put_if_absent("sign_in", "sealed", clock_.now())).has_value());
    ASSERT_TRUE(await(store.two_factors().begin(
                          {.user_id = "usr_1", .sealed_secret = "sealed", .created_at = clock_.now()}))
                    .has_value());
    ASSERT_TRUE(await(store.two_factors().confirm("usr_1", "sealed", 7, {"code 1", "code 2"}, clock_.now()))
                    .has_value());
    ASSERT_TRUE(await(store.identities().insert({.id = "idn_1",
                                                 .user_id = "usr_2",
                                                 .provider = "github",
                                                 .issuer = "https://github.example",
                                                 .subject = "42",
                                                 .email = "usr_2@example.com",
                                                 .created_at = clock_.now(),
                                                 .last_used_at = clock_.now()}))
                    .has_value());
    ASSERT_TRUE(await(store.devices().remember("usr_1", "a device", clock_.now())).has_value());
    ASSERT_TRUE(await(store.provider_objects().insert({{.id = "batch_1",
                                                        .provider = "openai",
                                                        .kind = ProviderObjectKind::batch,
                                                        .user_id = "usr_1",
                                                        .created_at = clock_.now()}}))
                    .has_value());
    ASSERT_TRUE(await(store.upstream_accounts().insert(
                          {.id = "upa_1",
                           .name = "first",
                           .base_url = "https://api.anthropic.com",
                           .sealed = {.credential = "sealed"},
                           .model_map = ModelMap::parse({{"claude-a", "claude-b"}}).value(),
                           .groups = {"team"},
                           .created_at = clock_.now()}))
                    .has_value());
    const Notification notification{.id = "ntf_1",
                                    .user_id = "usr_1",
                                    .kind = "key_created",
                                    .title = "A key",
                                    .body = "was made",
                                    .subject = "key_1 made",
                                    .created_at = clock_.now()};
    const OutgoingMail mail{.id = "mail_1",
                            .kind = MailKind::key_created,
                            .user_id = "usr_1",
                            .recipient = "usr_1@example.com",
                            .details = "{}",
                            .created_at = clock_.now(),
                            .due_at = clock_.now()};
    ASSERT_TRUE(await(store.notifications().insert(notification, mail)).has_value());
    ASSERT_TRUE(await(store.billing().post({.id = "bil_1",
                                            .user_id = "usr_1",
                                            .kind = BillingKind::payment,
                                            .amount = 9'007'199'254'740'993,  // no double has it
                                            .reference = "payment 1",
                                            .created_at = clock_.now()}))
                    .has_value());
    std::vector<AuditEntry> entries;
    for (const auto* id : {"aud_1", "aud_2", "aud_3"}) {
      entries.push_back({.id = id, .user_id = "usr_1", .action = "key.created", .created_at = clock_.now()});
    }
    ASSERT_TRUE(await(store.audit().append(std::move(entries))).has_value());
    std::vector<UsageRecord> records;
    for (int i = 1; i <= 2'100; ++i) records.push_back(a_record(i));
    for (int i = 1; i <= 50; ++i) records[static_cast<std::size_t>(i)].user_id = "usr_2";
    records[99].usage = {.audio_input_tokens = 1, .image_output_tokens = 2};
    records[99].charge_nano_usd = 3;
    records[98].cached = true;
    ASSERT_TRUE(await(store.usage().append("node_1", batch_of(1, records))).has_value());
  }

  /// The store works with what was copied: indexes are there, what was used up stays used up.
  void expect_to_work(StoreUnderTest& store) {
    const auto access = await(store.keys().find_access(old_hash_));
    ASSERT_TRUE(access.has_value()) << access.error().message();
    EXPECT_TRUE(access->secret_until.has_value());
    EXPECT_EQ(await(store.users().find_by_email(EmailAddress::from_store("usr_2@example.com"))).value().id,
              "usr_2");
    auto twin = a_user("usr_3");
    twin.username = Username::from_store("NAME_usr_1");
    EXPECT_EQ(code_of(await(store.users().insert(twin))), "username_taken");
    EXPECT_EQ(await(store.sessions().find_by_refresh_hash("hash of ses_1")).value().age,
              RefreshTokenAge::spent);
    EXPECT_EQ(await(store.sessions().find_by_refresh_hash("third hash")).value().age,
              RefreshTokenAge::current);
    EXPECT_EQ(code_of(await(store.two_factors().use_step("usr_1", 7))), "code_used");
    EXPECT_TRUE(await(store.two_factors().use_recovery_code("usr_1", "code 2", clock_.now())).has_value());
    EXPECT_EQ(
        await(store.outbox().claim("me", clock_.now() + hours(1), clock_.now() + hours(2), 9)).value().size(),
        1U);
    EXPECT_EQ(await(store.billing().list_by_user("usr_1", {})).value().items.at(0).balance_after,
              9'007'199'254'740'993);
    EXPECT_EQ(await(store.users().find("usr_1")).value().balance_nano_usd, 9'007'199'254'740'993);
    EXPECT_EQ(await(store.provider_objects().list(
                        {.user_id = "usr_1", .provider = "openai", .kind = ProviderObjectKind::batch}))
                  .value()
                  .size(),
              1U);
    EXPECT_EQ(await(store.upstream_accounts().find("upa_1")).value().groups.at(0), "team");
    StoredAccount second{.id = "upa_2", .name = "first"};
    EXPECT_EQ(code_of(await(store.upstream_accounts().insert(second))), "duplicate");
    EXPECT_EQ(await(store.usage().last_sequence("node_1")).value(), 2'100);
    EXPECT_EQ(await(store.usage().find_by_any_id("usr_1", "msg_012100")).value().size(), 1U);
    const auto at = a_record(1).started_at;
    const auto totals =
        await(store.usage().report({.user_id = "usr_1", .from = at - hours(48), .to = at + hours(48)}))
            .value()
            .totals;
    EXPECT_EQ(totals.requests, 2'050);
    AuditEntry entry{.id = "aud_4", .user_id = "usr_1", .action = "key.created", .created_at = clock_.now()};
    EXPECT_TRUE(await(store.audit().append({entry})).has_value()) << "the head holds";
  }

  TemporaryFolder folder_;
  std::optional<ApiKey> key_;
  ApiKeyHash old_hash_ = ApiKeyHash::of(ApiKeySecret::generate(random_));
};

TEST_P(StoreCopyContract, BringsEverythingFromAnyStore) {
  for (const auto& maker : store_makers()) {
    SCOPED_TRACE(maker.name);
    const auto from = maker.make();
    fill(*from);
    const auto to = GetParam().make();
    const auto tables = copy(*from, end_of(*to));
    ASSERT_TRUE(tables.has_value()) << tables.error().message() << tables.error().cause();
    std::int64_t rows = 0;
    for (const auto& table : *tables) {
      rows += table.rows;
      if (table.table == "usage_daily") {
        EXPECT_EQ(table.rows, 2);
      }
      if (table.table != "usage_logs") continue;
      EXPECT_EQ(table.rows, 2'100);
    }
    EXPECT_GT(rows, 2'200);
    EXPECT_FALSE(std::filesystem::exists(folder_.file("progress")));
    expect_to_work(*to);
  }
}

TEST_P(StoreCopyContract, TellsHowLargeTablesAre) {
  fill(*store_);
  const auto sizes = await(store_->rows().sizes());
  ASSERT_TRUE(sizes.has_value()) << sizes.error().cause();
  EXPECT_EQ(sizes->size(), row_tables().size() + 2);
  for (const auto& size : *sizes) {
    if (size.bytes) {
      EXPECT_GT(*size.bytes, 0) << size.table;
    }
    if (size.estimated) continue;
    if (size.table == "users") {
      EXPECT_EQ(size.rows, 2);
    }
    if (size.table == "usage_logs") {
      EXPECT_EQ(size.rows, 2'100);
    }
  }
}

TEST_P(StoreCopyContract, GoesOnWhereItWasCutOff) {
  const auto from = store_makers().front().make();
  fill(*from);
  for (const int writes : {0, 1, 3, 9, 15}) {
    const auto to = GetParam().make();
    FailingRows failing(to->rows(), writes);
    EXPECT_EQ(code_of(copy(*from, end_of(*to, failing))), "store_unavailable");
    clock_.advance(hours(2));
    const auto tables = copy(*from, end_of(*to));
    ASSERT_TRUE(tables.has_value()) << tables.error().message() << tables.error().cause();
    expect_to_work(*to);
  }
}

TEST_P(StoreCopyContract, TouchesNoStoreThatIsInUse) {
  const auto from = store_makers().front().make();
  put_user("usr_9");
  EXPECT_EQ(code_of(copy(*from, end_of(*store_))), "copy_target_not_empty");
}

TEST_P(StoreCopyContract, SeesWhatDiffers) {
  const auto from = store_makers().front().make();
  fill(*from);
  FailingRows failing(store_->rows(), 3);
  EXPECT_EQ(code_of(copy(*from, end_of(*store_, failing))), "store_unavailable");
  UserChanges changes;
  changes.display_name = "changed meanwhile";
  ASSERT_TRUE(await(from->users().update("usr_1", changes, clock_.now())).has_value());
  const auto tables = copy(*from, end_of(*store_));
  EXPECT_EQ(code_of(tables), "copy_differs");
  EXPECT_NE(tables.error().message().find("users (2 rows there, 2 rows here)"), std::string::npos)
      << tables.error().message();
  EXPECT_FALSE(std::filesystem::exists(folder_.file("progress"))) << "there is nothing to go on with";
  EXPECT_EQ(code_of(copy(*from, end_of(*store_))), "copy_target_not_empty");
  const auto emptied = GetParam().make();
  EXPECT_EQ(code_of(copy(*from, end_of(*emptied))), "passed");
  expect_to_work(*emptied);
}

// The settings name another database by now.
TEST_P(StoreCopyContract, GoesOnInTheStoreOnlyThatItBeganIn) {
  const auto from = store_makers().front().make();
  fill(*from);
  FailingRows failing(store_->rows(), 4);
  EXPECT_EQ(code_of(copy(*from, end_of(*store_, failing))), "store_unavailable");
  const auto other = GetParam().make();
  auto theirs = a_user("usr_1");
  theirs.display_name = "somebody else";
  ASSERT_TRUE(await(other->users().insert(theirs)).has_value());
  EXPECT_EQ(code_of(copy(*from, end_of(*other))), "copy_target_not_empty");
  EXPECT_EQ(await(other->users().find("usr_1")).value().display_name, "somebody else");
  EXPECT_EQ(code_of(copy(*from, end_of(*store_))), "passed") << "the first one can still go on";
  expect_to_work(*store_);
}

TEST_P(StoreCopyContract, BeginsAgainInAStoreThatWasMadeAnew) {
  const auto from = store_makers().front().make();
  fill(*from);
  FailingRows failing(store_->rows(), 9);
  EXPECT_EQ(code_of(copy(*from, end_of(*store_, failing))), "store_unavailable");
  const auto anew = GetParam().make();
  EXPECT_EQ(code_of(copy(*from, end_of(*anew))), "passed");
  expect_to_work(*anew);
  EXPECT_EQ(await(anew->job_leases().last_holder("copy")).value(), "") << "no mark stays";
}

TEST_P(StoreCopyContract, KeepsASecondCopyOut) {
  const auto from = store_makers().front().make();
  fill(*from);
  FailingRows failing(store_->rows(), 0);
  EXPECT_EQ(code_of(copy(*from, end_of(*store_, failing))), "store_unavailable");
  EXPECT_EQ(code_of(copy(*from, end_of(*store_), "of another machine")), "copy_running");
  CopyProgress beside(folder_.file("progress"));
  ASSERT_TRUE(beside.lock().has_value());
  EXPECT_EQ(code_of(copy(*from, end_of(*store_))), "copy_running");
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(code_of(copy(*from, end_of(*store_), "of another machine")), "passed");
}

// MySQL would take a duplicate of any unique key for the row that is meant.
TEST_P(StoreCopyContract, ReplacesByTheKeyAloneAndNobodyElsesRow) {
  const auto users = std::ranges::find(row_tables(), "users", &RowTable::name);
  auto theirs = a_user("usr_1");
  ASSERT_TRUE(await(store_->users().insert(theirs)).has_value());
  auto rows = await(store_->rows().read(*users, "", 10)).value().rows;
  ASSERT_EQ(rows.size(), 1U);
  const auto display_name = std::ranges::find(users->columns, "display_name") - users->columns.begin();
  rows[0][static_cast<std::size_t>(display_name)] = "new";
  ASSERT_TRUE(await(store_->rows().put(*users, rows)).has_value());
  EXPECT_EQ(await(store_->users().find("usr_1")).value().display_name, "new");
  rows[0][0] = "usr_2";
  rows[0][static_cast<std::size_t>(display_name)] = "the same e-mail address";
  EXPECT_EQ(code_of(await(store_->rows().put(*users, rows))), "duplicate");
  EXPECT_EQ(await(store_->users().find("usr_1")).value().display_name, "new");
  EXPECT_EQ(code_of(await(store_->users().find("usr_2"))), code_of(await(store_->users().find("usr_9"))));
}

RELAY_EVERY_STORE(StoreCopyContract);

}  // namespace store_copy_test
}  // namespace relay::test
