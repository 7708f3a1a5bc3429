#include "api/client_api_under_test.h"

namespace relay {
namespace router_test {

class RouterTest : public testing::Test, protected test::ClientApiUnderTest {};

TEST_F(RouterTest, AnswersBelowBothBases) {
  EXPECT_EQ(get("/api/client/auth/public-key").status, 200);
  EXPECT_EQ(get("/client/auth/public-key").status, 200);
  EXPECT_EQ(get("/client/auth/public-key/").status, 200);
  EXPECT_EQ(get("/auth/public-key").status, 404);
  EXPECT_TRUE(router.knows("/client/keys/key_1"));
  EXPECT_FALSE(router.knows("/client/v1/messages"));
  EXPECT_FALSE(router.knows("/v1/messages"));
}

TEST_F(RouterTest, SaysWhatIsNotHere) {
  const auto answer = get("/api/client/nothing");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.at("/error"), "NotFound");
  EXPECT_EQ(answer.at("/requestId"), "req_test");
}

TEST_F(RouterTest, NamesABrokenPartOfAPath) {
  const auto token = token_of("ada");
  for (const auto& nonsense :
       {std::string("%zz"), std::string("%00"), std::string("%FF"), std::string(201, 'x')}) {
    const auto answer = get("/api/client/keys/" + nonsense, token);
    EXPECT_EQ(answer.status, 400) << nonsense;
    EXPECT_EQ(answer.at("/details/0/field"), "id");
    EXPECT_EQ(get("/api/client/keys/" + nonsense).status, 401) << "strangers learn nothing";
  }
  EXPECT_EQ(get("/api/client/keys/key%5F1", token).status, 404);
}

TEST_F(RouterTest, AnswersNotModifiedToWhoHasItAlready) {
  const auto first = get("/openapi.json");
  EXPECT_EQ(first.status, 200);
  const auto tag = first.header("ETag");
  EXPECT_EQ(tag.size(), 34U);
  const auto ask = [&](const std::string& known) {
    auto message = request("GET", "/openapi.json");
    message.headers.push_back({"If-None-Match", known});
    return send(message);
  };
  for (const auto& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    EXPECT_EQ(ask(known).status, 304) << known;
    EXPECT_EQ(ask(known).text, "");
    EXPECT_EQ(ask(known).header("ETag"), tag);
  }
  EXPECT_EQ(ask("\"other\"").status, 200);
  EXPECT_NE(get("/docs").header("ETag"), tag);
}

TEST_F(RouterTest, SaysWhichMethodsAPathTakes) {
  const auto answer = send(request("PATCH", "/api/client/keys/key_1"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("Allow"), "GET, PUT, DELETE, HEAD, OPTIONS");
  EXPECT_EQ(answer.at("/error"), "MethodNotAllowed");
}

TEST_F(RouterTest, AsksForABearerToken) {
  const auto answer = get("/api/client/keys");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.at("/error"), "Unauthorized");
  EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(get("/api/client/keys", "nonsense").at("/error"), "InvalidToken");
  EXPECT_EQ(get("/api/client/keys", "nonsense").at("/message"), "Invalid token");
  const auto token = token_of("ada");
  clock.advance(std::chrono::minutes(15));
  EXPECT_EQ(get("/api/client/keys", token).at("/error"), "TokenExpired");
  EXPECT_EQ(get("/api/client/keys", token).at("/message"), "Token has expired");
}

TEST_F(RouterTest, TakesTheSchemeInEitherCase) {
  auto message = request("GET", "/api/client/keys");
  message.headers.push_back({"authorization", "bearer  " + token_of("ada")});
  EXPECT_EQ(send(message).status, 200);
}

TEST_F(RouterTest, TakesJsonOnly) {
  auto message = request("POST", "/api/client/auth/login", "email=a");
  message.headers[0].value = "application/x-www-form-urlencoded";
  EXPECT_EQ(send(message).status, 415);
  EXPECT_EQ(send(message).at("/error"), "UnsupportedMediaType");
  message.headers[0].value = "Application/JSON; charset=utf-8";
  message.body = "{}";
  EXPECT_EQ(send(message).status, 400);
  message.headers.push_back({"Content-Encoding", "gzip"});
  EXPECT_EQ(send(message).status, 415);
}

TEST_F(RouterTest, BoundsTheBody) {
  EXPECT_EQ(post("/api/client/auth/login", std::string(1024 * 1024 + 1, ' ')).status, 413);
  EXPECT_EQ(post("/api/client/auth/login", std::string(1000, '[') + std::string(1000, ']')).at("/code"),
            "invalid_json");
}

TEST_F(RouterTest, SetsSecurityHeadersOnEveryAnswer) {
  for (const char* path : {"/health", "/api/client/nothing", "/docs"}) {
    const auto answer = get(path);
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.header("Cache-Control"), std::string(path) == "/docs" ? "no-cache" : "no-store");
    EXPECT_NE(answer.header("Content-Security-Policy").find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(answer.header("Content-Security-Policy").find("unsafe"), std::string::npos);
    EXPECT_EQ(answer.header("x-request-id"), "req_test");
    EXPECT_EQ(answer.header("Strict-Transport-Security"), "");
  }
  auto message = request("GET", "/health");
  message.is_tls = true;
  EXPECT_NE(send(message).header("Strict-Transport-Security"), "");
}

TEST_F(RouterTest, AllowsNamedOriginsOnly) {
  auto message = request("OPTIONS", "/api/client/keys");
  message.headers.push_back({"Origin", "https://app.example.com"});
  const auto allowed = send(message);
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(allowed.header("Access-Control-Allow-Origin"), "https://app.example.com");
  EXPECT_EQ(allowed.header("Access-Control-Allow-Methods"), "GET, POST, OPTIONS");
  EXPECT_EQ(allowed.header("Access-Control-Allow-Credentials"), "");

  for (const char* origin : {"https://app.example.com.evil.example", "http://app.example.com", "null", "*"}) {
    message.headers.back().value = origin;
    const auto refused = send(message);
    EXPECT_EQ(refused.header("Access-Control-Allow-Origin"), "") << origin;
    EXPECT_EQ(refused.header("Access-Control-Allow-Methods"), "") << origin;
    EXPECT_EQ(refused.header("Vary"),
              "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  }
  EXPECT_EQ(get("/health").header("Vary"), "Origin");
}

TEST_F(RouterTest, AllowsEveryOriginWhenToldSo) {
  const Router any({}, sessions, {.allowed_origins = {"*"}});
  auto message = request("GET", "/nowhere");
  message.headers.push_back({"Origin", "https://anywhere.example"});
  const auto answer = test::await(any.respond(message));
  EXPECT_EQ(find_header(answer.headers, "Access-Control-Allow-Origin"), "https://anywhere.example");
  EXPECT_EQ(find_header(answer.headers, "Access-Control-Allow-Credentials"), "");
}

TEST_F(RouterTest, RefusesEarlyWithTheSameHeaders) {
  const Error too_large(ErrorKind::payload_too_large, "body_too_large", "The body is too large");
  const auto answer = router.refuse(request("POST", "/api/client/keys"), too_large);
  EXPECT_EQ(answer.status, 413);
  for (const char* name :
       {"X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "Cache-Control"})
    EXPECT_NE(find_header(answer.headers, name), "") << name;
}

TEST_F(RouterTest, LetsAdminsInWhereOnlyAdminsMay) {
  const auto answer = [](Call call) -> Task<HttpAnswer> {
    boost::json::object nothing;
    co_return envelope(200, nullptr, nothing, call.user_id, {});
  };
  Route route;
  route.spec = {.method = "GET", .path = "/admin", .access = Access::admin, .base = Base::root};
  route.call = [answer](Call call, RouteInput) { return answer(std::move(call)); };
  const Router admin_router({route}, sessions, {});
  const auto user = ServicesUnderTest::a_user("ada");
  const auto ask = [&] {
    return test::await(admin_router.respond(request("GET", "/admin", "", user.tokens.access_token)));
  };
  EXPECT_EQ(ask().status, 403);
  UserChanges changes;
  changes.role = UserRole::admin;
  ASSERT_TRUE(test::await(store->users().update(user.user.id, changes, clock.now())).has_value());
  invalidation.user_changed(user.user.id);
  EXPECT_EQ(ask().status, 200);
}

TEST_F(RouterTest, ServesWhatProbesAskFor) {
  EXPECT_EQ(get("/").status, 200);
  EXPECT_EQ(send(request("HEAD", "/")).status, 200);
  EXPECT_EQ(get("/health").at("/status"), "ok");
  EXPECT_EQ(get("/ready").status, 200);
  ready = false;
  const auto unready = get("/ready");
  EXPECT_EQ(unready.status, 503);
  EXPECT_EQ(unready.at("/data/checks/0/name"), "store");
  auto events = request("POST", "/api/event_logging/batch", std::string(2'000'000, 'x'));
  events.headers[0].value = "application/octet-stream";
  EXPECT_EQ(send(events).status, 200);
}

}  // namespace router_test
}  // namespace relay
