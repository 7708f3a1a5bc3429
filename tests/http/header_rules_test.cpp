#include "http/header_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace relay {
namespace header_rules_test {

std::string names_that_pass(const std::string& fields, bool answer) {
  const std::string bytes = (answer ? "HTTP/1.1 200 OK\r\n" : "POST / HTTP/1.1\r\n") + fields + "\r\n";
  ParsedHead head;
  HeadReader reader;
  EXPECT_EQ(answer ? reader.read_answer(bytes, head) : reader.read_request(bytes, head), HeadState::complete)
      << bytes;
  std::string passed;
  for (const HeadField field : head.fields()) {
    const bool passes = answer ? passes_to_client(head, field) : passes_to_provider(head, field);
    if (passes) passed += std::string(field.name) + " ";
  }
  return passed;
}

TEST(HeaderRules, RequestsKeepWhatTheRelayDoesNotKnow) {
  EXPECT_EQ(
      names_that_pass("Host: a\r\nanthropic-beta: x\r\nX-Unheard-Of: y\r\nAnthropic-Version: 2023-06-01\r\n"
                      "content-type: application/json\r\ncontent-length: 2\r\nx-stainless-lang: js\r\n",
                      false),
      "anthropic-beta X-Unheard-Of Anthropic-Version content-type content-length x-stainless-lang ");
}

TEST(HeaderRules, RequestsLoseCredentialsHopsAndTheWayToUs) {
  EXPECT_EQ(
      names_that_pass(
          "Host: a\r\nAuthorization: Bearer x\r\nX-Api-Key: x\r\nCookie: x\r\nProxy-Authorization: x\r\n"
          "Connection: keep-alive\r\nKeep-Alive: 5\r\nTE: trailers\r\nTrailer: x\r\nUpgrade: h2c\r\n"
          "Proxy-Connection: x\r\nTransfer-Encoding: chunked\r\nX-Forwarded-For: 1.2.3.4\r\n"
          "Forwarded: for=x\r\nX-Real-IP: 1.2.3.4\r\nExpect: 100-continue\r\nAccept-Encoding: gzip\r\n"
          "X-Relay-Request-Id: forged\r\nkept: 1\r\n",
          false),
      "kept ");
}

TEST(HeaderRules, ConnectionNamesFieldsAway) {
  EXPECT_EQ(names_that_pass("Host: a\r\nConnection: close, X-One\r\nConnection: x-two\r\nx-one: 1\r\nX-Two: "
                            "2\r\nx-three: 3\r\n",
                            false),
            "x-three ");
  EXPECT_EQ(names_that_pass("Connection: x-one\r\nX-One: 1\r\nok: 1\r\n", true), "ok ");
}

TEST(HeaderRules, ConnectionCannotNameAwayTheMessageItself) {
  EXPECT_EQ(
      names_that_pass(
          "Host: a\r\nConnection: content-length, content-type, anthropic-version\r\nContent-Length: 5\r\n"
          "Content-Type: x\r\nAnthropic-Version: y\r\n",
          false),
      "Content-Length Content-Type Anthropic-Version ");
}

TEST(HeaderRules, AnswersKeepAllButHopsAndTheProvidersOrigin) {
  EXPECT_EQ(
      names_that_pass(
          "Date: x\r\nServer: x\r\nrequest-id: req_1\r\nanthropic-ratelimit-requests-limit: 5\r\n"
          "Content-Length: 5\r\nConnection: keep-alive\r\nKeep-Alive: 5\r\nSet-Cookie: __cf_bm=1\r\n"
          "Alt-Svc: h3\r\nStrict-Transport-Security: max-age=1\r\nx-relay-request-id: other\r\n"
          "x-should-retry: true\r\nretry-after: 1\r\n",
          true),
      "Date Server request-id anthropic-ratelimit-requests-limit Content-Length x-should-retry retry-after ");
}

}  // namespace header_rules_test
}  // namespace relay
