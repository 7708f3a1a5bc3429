#include "api/client_api_under_test.h"

namespace relay {
namespace key_routes_test {

const std::string kEveryField =
    R"({"name":"laptop","description":"mine","permissions":["claude"],)"
    R"("rateLimit":{"rpm":10,"tokensPerMinute":2000,"requestsPerDay":100,"concurrency":2},)"
    R"("budget":{"daily":"1.50","total":"20"},"models":["claude-*"],"ipWhitelist":["127.0.0.1","10.0.0.0/8","2001:db8::/32"],)"
    R"("expiresAt":"2027-01-01T00:00:00Z","tags":["a","b"],"metadata":{"team":{"id":7}},)"
    R"("responseCache":{"enabled":true,"ttlSeconds":3600},"usageRequests":999,"userId":"usr_other","keyHash":"x","status":"inactive"})";

class KeyRoutesTest : public testing::Test, protected test::ClientApiUnderTest {
 protected:
  test::Answer create(const std::string& body) { return post("/api/client/keys", body, token_); }
  std::string token_ = token_of("ada");
};

TEST_F(KeyRoutesTest, ShowsTheSecretOnce) {
  const auto made = create(R"({"name":"laptop"})");
  EXPECT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(made.at("/message"),
            "API key created successfully. Please save the key securely as it will not be shown again.");
  const auto secret = made.at("/key");
  EXPECT_TRUE(secret.starts_with("cr_"));
  EXPECT_EQ(made.at("/data/key"), secret);
  EXPECT_EQ(made.at("/data/keyPrefix"), secret.substr(0, 8));
  EXPECT_EQ(made.at("/data/keyDisplay"), secret.substr(0, 8) + "********" + secret.substr(secret.size() - 4));
  const auto found = get("/api/client/keys/" + made.at("/data/id"), token_);
  EXPECT_EQ(found.text.find(secret), std::string::npos);
  EXPECT_EQ(found.at("/data/key"), "absent");
}

TEST_F(KeyRoutesTest, KeepsEveryFieldAPersonMaySetAndNoOther) {
  const auto key = create(kEveryField);
  ASSERT_EQ(key.status, 201) << key.text;
  const auto found = get("/api/client/keys/" + key.at("/data/id"), token_);
  const auto expect = [&](const char* pointer, const std::string& value) {
    EXPECT_EQ(found.at("/data/" + std::string(pointer)), value) << pointer;
  };
  expect("name", "laptop");
  expect("description", "mine");
  expect("permissions", R"(["claude"])");
  expect("rateLimit/requestsPerMinute", "10");
  expect("rateLimit/rpm", "10");
  expect("rateLimit/tokensPerMinute", "2000");
  expect("rateLimit/rpd", "100");
  expect("rateLimit/concurrency", "2");
  expect("budget/daily", "1.50");
  expect("budget/weekly", "null");
  expect("budget/total", "20.00");
  expect("models", R"(["claude-*"])");
  expect("ipWhitelist", R"(["127.0.0.1","10.0.0.0/8","2001:db8::/32"])");
  expect("expiresAt", "2027-01-01T00:00:00.000Z");
  expect("tags", R"(["a","b"])");
  expect("metadata", R"({"team":{"id":7}})");
  expect("responseCache", R"({"enabled":true,"ttlSeconds":3600})");
  expect("status", "active");
  expect("usageRequests", "0");
  expect("usageTokens", "0");
  expect("lastUsedAt", "null");
  expect("createdAt", "2026-01-01T00:00:00.000Z");
  expect("updated_at", "2026-01-01T00:00:00.000Z");
  EXPECT_NE(found.at("/data/userId"), "usr_other");
}

TEST_F(KeyRoutesTest, NamesEveryWrongFieldAtOnce) {
  const auto answer =
      create(R"({"name":"","permissions":["root"],"rateLimit":{"requestsPerMinute":-1},)"
             R"("budget":{"daily":"-1","weekly":"x"},"ipWhitelist":["300.1.1.1"],"tags":[""]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.at("/message"), "API key name is required");
  std::string fields;
  for (int i = 0; answer.at("/details/" + std::to_string(i) + "/field") != "absent"; ++i) {
    fields += answer.at("/details/" + std::to_string(i) + "/field") + " ";
  }
  EXPECT_EQ(fields,
            "name permissions rateLimit.requestsPerMinute budget.daily budget.weekly ipWhitelist[0] tags ");
}

TEST_F(KeyRoutesTest, ChangesOnlyWhatIsNamed) {
  const auto id = create(kEveryField).at("/data/id");
  const auto changed =
      put("/api/client/keys/" + id, R"({"description":null,"status":"inactive","expiresAt":null})", token_);
  EXPECT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(changed.at("/message"), "API key updated successfully");
  EXPECT_EQ(changed.at("/data/description"), "");
  EXPECT_EQ(changed.at("/data/status"), "inactive");
  EXPECT_EQ(changed.at("/data/expiresAt"), "null");
  EXPECT_EQ(changed.at("/data/name"), "laptop");
  EXPECT_EQ(changed.at("/data/budget/daily"), "1.50");
  EXPECT_EQ(put("/api/client/keys/" + id, R"({"status":"revoked"})", token_).status, 400);
  EXPECT_EQ(put("/api/client/keys/" + id, R"({"name":null})", token_).at("/message"),
            "API key name is required");
}

TEST_F(KeyRoutesTest, KeepsAnswersOnlyWhereItIsSaid) {
  const auto made = create(R"({"name":"laptop"})");
  EXPECT_EQ(made.at("/data/responseCache"), R"({"enabled":false,"ttlSeconds":null})");
  const auto change = [&](const std::string& value) {
    return put("/api/client/keys/" + made.at("/data/id"), R"({"responseCache":)" + value + "}", token_);
  };
  EXPECT_EQ(change(R"({"enabled":true})").at("/data/responseCache"), R"({"enabled":true,"ttlSeconds":null})");
  EXPECT_EQ(change(R"({"enabled":true,"ttlSeconds":604800})").at("/data/responseCache/ttlSeconds"), "604800");
  EXPECT_EQ(change(R"({"enabled":false,"ttlSeconds":60})").at("/data/responseCache"),
            R"({"enabled":false,"ttlSeconds":null})");
  EXPECT_EQ(change("null").at("/data/responseCache/enabled"), "false");
  EXPECT_EQ(change(R"({"enabled":true,"ttlSeconds":0})").at("/details/0/field"), "responseCache.ttlSeconds");
  EXPECT_EQ(change(R"({"enabled":true,"ttlSeconds":604801})").status, 400);
  EXPECT_EQ(change(R"({"ttlSeconds":60})").at("/details/0/field"), "responseCache.enabled");
}

TEST_F(KeyRoutesTest, DeletesByRevoking) {
  const auto made = create(R"({"name":"laptop"})");
  const auto gone = remove("/api/client/keys/" + made.at("/data/id"), token_);
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(gone.at("/message"), "API key deleted successfully");
  EXPECT_EQ(get("/api/client/keys/" + made.at("/data/id"), token_).at("/data/status"), "revoked");
  EXPECT_EQ(put("/api/client/keys/" + made.at("/data/id"), R"({"status":"active"})", token_).status, 409);
}

TEST_F(KeyRoutesTest, ListsInPagesNewestFirst) {
  for (const char* name : {"one", "two", "three"}) {
    clock.advance(std::chrono::milliseconds(1));
    ASSERT_EQ(create(R"({"name":")" + std::string(name) + "\"}").status, 201);
  }
  const auto first = get("/api/client/keys?limit=2", token_);
  EXPECT_EQ(first.at("/data/0/name"), "three");
  EXPECT_EQ(first.at("/data/1/name"), "two");
  EXPECT_EQ(first.at("/data/2"), "absent");
  const auto second = get("/api/client/keys?limit=2&cursor=" + first.at("/nextCursor"), token_);
  EXPECT_EQ(second.at("/data/0/name"), "one");
  EXPECT_EQ(second.at("/nextCursor"), "null");
  EXPECT_EQ(get("/api/client/keys?search=TW", token_).at("/data/0/name"), "two");
  EXPECT_EQ(get("/api/client/keys?status=revoked", token_).at("/data"), "[]");
  for (const char* query : {"limit=0", "limit=x", "status=odd", "cursor=%00"}) {
    EXPECT_EQ(get("/api/client/keys?" + std::string(query), token_).status, 400) << query;
  }
}

TEST_F(KeyRoutesTest, StopsAtThePlansNumber) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(create(R"({"name":"laptop"})").status, 201);
  const auto fourth = create(R"({"name":"laptop"})");
  EXPECT_EQ(fourth.status, 403);
  EXPECT_EQ(fourth.at("/error"), "LimitExceeded");
  EXPECT_EQ(fourth.at("/message"), "Maximum number of API keys (3) reached for your plan");
}

TEST_F(KeyRoutesTest, VerifiesForAnybody) {
  const auto made = create(R"({"name":"laptop"})");
  const auto good = post("/api/client/keys/verify", R"({"apiKey":")" + made.at("/key") + "\"}");
  EXPECT_EQ(good.status, 200) << good.text;
  EXPECT_EQ(good.at("/valid"), "true");
  EXPECT_EQ(good.at("/data/name"), "laptop");
  EXPECT_EQ(good.at("/data/permissions"), R"(["claude","codex"])");
  EXPECT_EQ(good.at("/data/status"), "active");
  EXPECT_EQ(good.at("/data/expiresAt"), "null");

  const auto unknown = post("/api/client/keys/verify", R"({"apiKey":"cr_nonsense"})");
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.at("/message"), "Invalid API key");
  EXPECT_EQ(post("/api/client/keys/verify", "{}").at("/message"), "API key is required");
}

TEST_F(KeyRoutesTest, RegeneratesOnce) {
  const auto made = create(R"({"name":"laptop"})");
  const auto anew =
      post("/api/client/keys/" + made.at("/data/id") + "/regenerate", R"({"gracePeriodSeconds":60})", token_);
  EXPECT_EQ(anew.at("/message"), "API key regenerated successfully. Please save the new key securely.");
  EXPECT_NE(anew.at("/key"), made.at("/key"));
  EXPECT_EQ(post("/api/client/keys/" + made.at("/data/id") + "/regenerate",
                 R"({"gracePeriodSeconds":604801})", token_)
                .status,
            400);
}

TEST_F(KeyRoutesTest, HidesOtherPeoplesKeys) {
  const auto id = create(R"({"name":"laptop"})").at("/data/id");
  const auto bob = token_of("bob");
  for (const auto& answer :
       {get("/api/client/keys/" + id, bob), put("/api/client/keys/" + id, "{}", bob),
        remove("/api/client/keys/" + id, bob), get("/api/client/keys/" + id + "/usage", bob),
        post("/api/client/keys/" + id + "/regenerate", "{}", bob)}) {
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.at("/message"), "API key not found");
  }
}

TEST_F(KeyRoutesTest, AnswersUsageInBothForms) {
  const auto made = create(R"({"name":"laptop"})");
  const auto target = "/api/client/keys/" + made.at("/data/id") + "/usage";
  const auto days = get(target + "?days=3", token_);
  EXPECT_EQ(days.status, 200) << days.text;
  EXPECT_EQ(days.at("/data/keyId"), made.at("/data/id"));
  EXPECT_EQ(days.at("/data/name"), "laptop");
  EXPECT_EQ(days.at("/data/total/requests"), "0");
  EXPECT_EQ(days.at("/data/total/lastUsedAt"), "null");
  EXPECT_EQ(days.at("/data/daily/0"), R"({"date":"2025-12-30","requests":0,"tokens":0})");
  EXPECT_EQ(days.at("/data/daily/2/date"), "2026-01-01");
  EXPECT_EQ(days.at("/data/daily/3"), "absent");
  EXPECT_EQ(days.at("/data/limits/rpm"), "20");
  EXPECT_EQ(days.at("/data/limits/rpd"), "1000");
  EXPECT_EQ(days.at("/data/totals/cost"), "0.00");
  EXPECT_EQ(days.at("/data/series"), "[]");
  EXPECT_EQ(days.at("/data/latency/durationMs/p50"), "0");

  const auto hours =
      get(target + "?from=2025-12-31&to=2026-01-01T00:00:00Z&granularity=hour&groupBy=model", token_);
  EXPECT_EQ(hours.status, 200) << hours.text;
  EXPECT_EQ(hours.at("/data/granularity"), "hour");
  const auto wrong = get(target + "?from=x&granularity=week&groupBy=user", token_);
  EXPECT_EQ(wrong.at("/details/2/field"), "groupBy");
  EXPECT_EQ(get(target + "?days=0", token_).status, 400);
}

}  // namespace key_routes_test
}  // namespace relay
