#include "relay/relayed_heads.h"

#include "relay/limit_headers.h"

#include <gtest/gtest.h>

#include <string>

namespace relay::test {
namespace relayed_heads_test {

std::string relayed_answer(const std::string& fields, const LimitLines* limits = nullptr) {
  const std::string bytes = "HTTP/1.1 200 OK\r\n" + fields + "\r\nthe body";
  ParsedHead head;
  HeadReader reader;
  EXPECT_EQ(reader.read_answer(bytes, head), HeadState::complete) << bytes;
  std::string out = "before|";
  append_answer_head(out, head, {.request_id = "req_1", .limits = limits});
  return out;
}

std::string relayed_request(const std::string& fields) {
  const std::string bytes = "POST /v1/messages HTTP/1.1\r\nhost: relay\r\n" + fields + "\r\n{}";
  ParsedHead head;
  HeadReader reader;
  EXPECT_EQ(reader.read_request(bytes, head), HeadState::complete) << bytes;
  UpstreamAccount account;
  account.authority = "provider";
  std::string out;
  append_request_head(out, head, account, {.path = "/v1/messages"}, 2);
  return out;
}

TEST(RelayedHeads, FieldsGoOverInTheirOrderEachAsNameAndValue) {
  EXPECT_EQ(relayed_answer("a: 1\r\nB-c:  two words \t\r\nd:3\r\ne: \r\nf:\r\nset-cookie: x=1\r\ng: 4\r\nh: "
                           "5\r\nalt-svc: h3\r\n"),
            "before|HTTP/1.1 200 OK\r\na: 1\r\nB-c: two words\r\nd: 3\r\ne: \r\nf: \r\ng: 4\r\nh: 5\r\n"
            "x-relay-request-id: req_1\r\n\r\n");
  EXPECT_EQ(relayed_answer("connection: keep-alive\r\n"),
            "before|HTTP/1.1 200 OK\r\nx-relay-request-id: req_1\r\n\r\n");
  EXPECT_EQ(
      relayed_request("a: 1\r\nx-api-key: cr_x\r\nB:2\r\ncontent-length: 2\r\nc: 3\r\n"),
      "POST /v1/messages HTTP/1.1\r\nhost: provider\r\na: 1\r\nB: 2\r\nc: 3\r\naccept-encoding: identity\r\n"
      "content-length: 2\r\n\r\n");
}

TEST(RelayedHeads, TheKeysLimitsStandInThePlaceOfTheProvidersThatTheyName) {
  LimitLines limits;
  limits.text = "anthropic-ratelimit-requests-limit: 5\r\nanthropic-ratelimit-requests-remaining: 4\r\n";
  limits.names.insert(KnownField::anthropic_ratelimit_requests_limit);
  limits.names.insert(KnownField::anthropic_ratelimit_requests_remaining);
  EXPECT_EQ(relayed_answer("a: 1\r\nAnthropic-RateLimit-Requests-Limit: 4000\r\n"
                           "anthropic-ratelimit-requests-remaining: 3999\r\n"
                           "anthropic-ratelimit-requests-reset: 2026-01-01T00:00:00Z\r\n"
                           "anthropic-ratelimit-tokens-limit: 9\r\nz: 2\r\n",
                           &limits),
            "before|HTTP/1.1 200 OK\r\na: 1\r\nanthropic-ratelimit-requests-reset: 2026-01-01T00:00:00Z\r\n"
            "anthropic-ratelimit-tokens-limit: 9\r\nz: 2\r\nx-relay-request-id: req_1\r\n" +
                limits.text + "\r\n");
}

}  // namespace relayed_heads_test
}  // namespace relay::test
