#include "fetch/curl_fetch.h"

#include "fakes/await.h"
#include "fakes/scripted_upstream.h"

#include <gtest/gtest.h>

namespace relay {
namespace curl_fetch_test {

using namespace std::chrono_literals;
using test::await;

class CurlFetchTest : public testing::Test {
 protected:
  static std::string url(const test::ScriptedUpstream& upstream) {
    return "http://127.0.0.1:" + std::to_string(upstream.port()) + "/path";
  }
  Result<FetchedAnswer> fetch(CurlFetch::Settings settings, FetchRequest request) {
    CurlFetch curl(pool_, std::move(settings));
    return await(curl.fetch(std::move(request)));
  }
  static std::string cause_of(const Result<FetchedAnswer>& outcome) {
    return outcome.has_error() ? outcome.error().cause() : "passed";
  }

  BlockingPool pool_{1, 4};
};

TEST_F(CurlFetchTest, SendsAFormAndReadsTheAnswer) {
  std::string seen;
  test::ScriptedUpstream upstream([&](test::BlockingSocket& connection, int) {
    seen = connection.receive_until("a=b");
    connection.send(test::answer_of("{\"c\":1}"));
  });
  FetchRequest request{.method = "POST", .url = url(upstream), .headers = {{"Accept", "x/y"}}, .body = "a=b"};
  const auto answer = fetch({.allow_private = true}, request);
  ASSERT_TRUE(answer.has_value()) << answer.error().cause();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "{\"c\":1}");
  EXPECT_TRUE(seen.starts_with("POST /path HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("Accept: x/y\r\n"), std::string::npos);
  EXPECT_NE(seen.find("Content-Type: application/x-www-form-urlencoded\r\n"), std::string::npos);
}

TEST_F(CurlFetchTest, FollowsNoRedirect) {
  test::ScriptedUpstream upstream([](test::BlockingSocket& connection, int) {
    connection.receive_until("\r\n\r\n");
    connection.send("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
  });
  EXPECT_EQ(fetch({.allow_private = true}, {.url = url(upstream)})->status, 302);
}

TEST_F(CurlFetchTest, ConnectsToNoPrivateAddressUnlessAllowed) {
  int connections = 0;
  test::ScriptedUpstream upstream([&](test::BlockingSocket&, int) { ++connections; });
  const auto port = std::to_string(upstream.port());
  for (const std::string host :
       {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"}) {
    const auto refused = fetch({}, {.url = "https://" + host + ":" + port + "/"});
    EXPECT_NE(cause_of(refused).find("not public"), std::string::npos) << host << ": " << cause_of(refused);
  }
  EXPECT_EQ(connections, 0);
  EXPECT_TRUE(fetch({}, {.url = url(upstream)}).has_error());  // http
  EXPECT_TRUE(fetch({.allow_private = true}, {.url = "file:///etc/hostname"}).has_error());
}

TEST_F(CurlFetchTest, BoundsTheAnswerAndTheTime) {
  test::ScriptedUpstream large([](test::BlockingSocket& connection, int) {
    connection.receive_until("\r\n\r\n");
    connection.send(test::answer_of(std::string(2000, 'x')));
  });
  EXPECT_EQ(cause_of(fetch({.allow_private = true, .body_bytes_max = 1999}, {.url = url(large)})),
            "the answer is too large");
  test::ScriptedUpstream silent(
      [](test::BlockingSocket& connection, int) { connection.receive_until("never"); });
  const auto late = fetch({.allow_private = true, .timeout = 100ms}, {.url = url(silent)});
  ASSERT_TRUE(late.has_error());
  EXPECT_EQ(late.error().kind(), ErrorKind::unavailable);
  EXPECT_TRUE(late.error().retry_after().has_value());
}

}  // namespace curl_fetch_test
}  // namespace relay
