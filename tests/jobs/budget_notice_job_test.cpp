#include "jobs/budget_notice_job.h"

#include "service/services_under_test.h"

namespace relay::test {
namespace budget_notice_job_test {

using namespace std::chrono_literals;

/// A store that is away when it is told to be, or does not take one user's.
class NotificationsAway final : public NotificationStore {
 public:
  explicit NotificationsAway(NotificationStore& store) : store_(store) {}
  Task<> insert(Notification notification, std::optional<OutgoingMail> mail) override {
    if (is_away) return fail(ErrorKind::unavailable);
    if (notification.user_id == broken_for) return fail(ErrorKind::internal);
    return store_.insert(std::move(notification), std::move(mail));
  }
  Task<Page<Notification>> list_by_user(std::string user_id, bool unread_only, PageRequest page) override {
    return store_.list_by_user(std::move(user_id), unread_only, std::move(page));
  }
  Task<std::int64_t> delete_old(WallTime before, int limit) override {
    return store_.delete_old(before, limit);
  }
  Task<> mark_read(std::string user_id, std::string id, WallTime now) override {
    return store_.mark_read(std::move(user_id), std::move(id), now);
  }
  bool is_away = false;
  std::string broken_for;

 private:
  static Task<> fail(ErrorKind kind) { co_return Error(kind, "store", "away"); }
  NotificationStore& store_;
};

class BudgetNoticeJobTest : public ServicesUnderTest, public testing::Test {
 protected:
  void spend(const std::string& user_id) {
    QuotaCall call{.user_id = user_id, .key_id = "key_1"};
    call.add({.owner = QuotaOwner::user,
              .kind = QuotaKind::budget_daily,
              .limit = 1'000,
              .starts_at = WallTime(24h),
              .ends_at = WallTime(48h)});
    QuotaDecision decision;
    decision.states[0].used = 1'000;
    watch_.look(call, decision);
  }
  std::size_t told(const std::string& user_id) {
    std::size_t count = 0;
    const auto page = await(notifications.list(user_id, false, {.limit = 200}));
    for (const auto& each : page.value().items) count += each.kind == "limit_near" ? 1 : 0;
    return count;
  }
  Result<> run() { return await(job_.run(going_on_)); }

  const std::string ann_ = a_user("ann").user.id;
  const std::string bob_ = a_user("bob").user.id;
  const std::atomic<bool> going_on_{false};
  BudgetWatch watch_;
  NotificationsAway away_{store->notifications()};
  NotificationService telling_{{.users = store->users(),
                                .notifications = away_,
                                .devices = store->devices(),
                                .outbox = outbox,
                                .audit = audit,
                                .clock = clock,
                                .random = random}};
  BudgetNoticeJob job_{watch_, telling_};
};

TEST_F(BudgetNoticeJobTest, WhatCouldNotBeToldWhileTheStoreWasAwayIsToldWhenItIsBack) {
  spend(ann_);
  spend(bob_);
  away_.is_away = true;
  EXPECT_EQ(run().error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(run().error().kind(), ErrorKind::unavailable);
  away_.is_away = false;
  EXPECT_TRUE(run().has_value());
  EXPECT_EQ(told(ann_), 1U);
  EXPECT_EQ(told(bob_), 1U);
  EXPECT_TRUE(run().has_value());
  spend(ann_);
  EXPECT_TRUE(run().has_value());
  EXPECT_EQ(told(ann_), 1U);
}

TEST_F(BudgetNoticeJobTest, WhatTheStoreDoesNotTakeStandsInNobodysWay) {
  away_.broken_for = ann_;
  spend("usr_erased");
  spend(ann_);
  spend(bob_);
  EXPECT_EQ(run().error().kind(), ErrorKind::internal);
  EXPECT_TRUE(run().has_value());
  EXPECT_EQ(told(ann_), 0U);
  EXPECT_EQ(told(bob_), 1U);
}

}  // namespace budget_notice_job_test
}  // namespace relay::test
