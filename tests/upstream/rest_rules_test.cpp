#include "upstream/rest_rules.h"

#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"
#include "upstream/model_family.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace rest_rules_test {

using namespace std::chrono_literals;
using Kind = AttemptSign::Kind;

class SignOfAnHead : public testing::Test {
 protected:
  AttemptSign sign(int status, const std::string& fields = "") {
    text_ = "HTTP/1.1 " + std::to_string(status) + " Words\r\n" + fields + "content-length: 0\r\n\r\n";
    ParsedHead head;
    HeadReader reader;
    EXPECT_EQ(reader.read_answer(text_, head), HeadState::complete);
    return sign_of(head, clock_.now());
  }
  std::string text_;
  FixedClock clock_;
};

TEST_F(SignOfAnHead, WhatAClientMayBeToBlameForIsNoSign) {
  for (const int status : {400, 404, 405, 408, 409, 413, 415, 422, 501})
    EXPECT_EQ(sign(status).kind, Kind::none) << status;
  EXPECT_EQ(sign(200).kind, Kind::success);
}

TEST_F(SignOfAnHead, EachStatusHasItsReason) {
  const std::pair<int, RestReason> table[] = {
      {401, RestReason::unauthorized}, {402, RestReason::billing},       {403, RestReason::forbidden},
      {429, RestReason::rate_limited}, {500, RestReason::server_errors}, {502, RestReason::server_errors},
      {503, RestReason::overloaded},   {504, RestReason::server_errors}, {529, RestReason::overloaded}};
  for (const auto& [status, reason] : table) {
    EXPECT_TRUE(sign(status).failed()) << status;
    EXPECT_EQ(sign(status).reason, reason) << status;
  }
}

TEST_F(SignOfAnHead, ReadsEveryWayToSayWhenToComeAgain) {
  EXPECT_EQ(sign(429).wait, std::nullopt);
  EXPECT_EQ(sign(429, "retry-after: 7\r\n").wait, 7s);
  EXPECT_EQ(sign(429, "retry-after-ms: 1500\r\nretry-after: 7\r\n").wait, 1500ms);
  EXPECT_EQ(sign(529, "retry-after: 3\r\n").wait, 3s);
  EXPECT_EQ(sign(429,
                 "anthropic-ratelimit-requests-remaining: 12\r\n"
                 "anthropic-ratelimit-requests-reset: 2026-01-01T00:00:05Z\r\n"
                 "anthropic-ratelimit-input-tokens-remaining: 0\r\n"
                 "anthropic-ratelimit-input-tokens-reset: 2026-01-01T00:00:42Z\r\n")
                .wait,
            42s);
  EXPECT_EQ(sign(429, "anthropic-ratelimit-unified-reset: 1767225660\r\n").wait, 60s);
  EXPECT_EQ(sign(429,
                 "x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 6m0s\r\n"
                 "x-ratelimit-remaining-requests: 99\r\nx-ratelimit-reset-requests: 20ms\r\n")
                .wait,
            6min);
  EXPECT_EQ(sign(429, "x-ratelimit-reset-requests: 1h2m3.5s\r\n").wait, 1h + 2min + 3500ms);
  EXPECT_EQ(sign(429, "retry-after: soon\r\nx-ratelimit-reset-tokens: 5 parsecs\r\n").wait, std::nullopt);
  EXPECT_EQ(sign(429, "retry-after: -4\r\n").wait, std::nullopt);
}

TEST_F(SignOfAnHead, ADateInRetryAfterIsAsGoodAsSeconds) {
  EXPECT_EQ(sign(429, "retry-after: Thu, 01 Jan 2026 00:00:45 GMT\r\n").wait, 45s);
  EXPECT_EQ(sign(503, "retry-after: Thursday, 01-Jan-26 00:01:00 GMT\r\n").wait, 60s);
  EXPECT_EQ(sign(503, "retry-after: Wed, 31 Dec 2025 23:00:00 GMT\r\n").wait, 0s) << "already past";
  EXPECT_EQ(sign(529, "retry-after-ms: 1500\r\nretry-after: Thu, 01 Jan 2026 00:00:45 GMT\r\n").wait, 1500ms);
  SeededRandom random;
  const auto far = sign(429, "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n");
  EXPECT_LE(rest_time(far, 1, random), 66min);
}

TEST_F(SignOfAnHead, TheErrorsWordSharpensIt) {
  EXPECT_EQ(sharpened(sign(429), "insufficient_quota").reason, RestReason::billing);
  EXPECT_EQ(sharpened(sign(403), "authentication_error").reason, RestReason::unauthorized);
  EXPECT_EQ(sharpened(sign(429), "overloaded_error").reason, RestReason::rate_limited);
  EXPECT_EQ(sharpened(sign(500), "something_else").reason, RestReason::server_errors);
  EXPECT_EQ(sharpened(AttemptSign::none(), "overloaded_error").reason, RestReason::overloaded);
  EXPECT_EQ(sharpened(AttemptSign::none(), "invalid_request_error").kind, Kind::none);
}

TEST(SignOfABadRequest, IsThatTheCreditIsUsedUpAndNothingElse) {
  const std::string sentence = "Your credit balance is too low to access the Anthropic API";
  const auto kind = [](std::string_view type, const std::string& message) {
    return sign_of_bad_request(type, message).kind;
  };
  constexpr auto kType = "invalid_request_error";
  const auto sign =
      sign_of_bad_request(kType, sentence + ". Please go to Plans & Billing to upgrade or purchase credits.");
  EXPECT_TRUE(sign.failed());
  EXPECT_EQ(sign.reason, RestReason::billing);
  EXPECT_EQ(kind(kType, sentence), Kind::failure);
  EXPECT_EQ(kind("api_error", sentence), Kind::none);
  EXPECT_EQ(kind(kType, ""), Kind::none);
  EXPECT_EQ(kind(kType, "max_tokens: Field required"), Kind::none);
  EXPECT_EQ(kind(kType, sentence + ": Extra inputs are not permitted"), Kind::none) << "a field's name";
  EXPECT_EQ(kind(kType, sentence + ".: Extra inputs are not permitted"), Kind::none);
  EXPECT_EQ(kind(kType, "tools.0.name: '" + sentence + ".' is too long"), Kind::none)
      << "what a client wrote";
  EXPECT_TRUE(may_hide_billing(Provider::anthropic, 400));
  EXPECT_FALSE(may_hide_billing(Provider::anthropic, 404));
  EXPECT_FALSE(may_hide_billing(Provider::openai, 400)) << "it says 429 insufficient_quota";
}

TEST(RestTime, IsWhatTheProviderSaidWithinBoundsAndALittleMore) {
  SeededRandom random;
  auto sign = AttemptSign::failure(RestReason::rate_limited);
  sign.wait = 20s;
  for (int i = 0; i < 100; ++i) {
    const auto time = rest_time(sign, 5, random);
    EXPECT_GE(time, 20s);
    EXPECT_LE(time, 22s);
  }
  sign.wait = 0s;
  EXPECT_GE(rest_time(sign, 1, random), 1s);
  sign.wait = std::chrono::hours(30);
  EXPECT_LE(rest_time(sign, 1, random), 66min);
}

TEST(RestTime, GrowsWithEachFailureUpToTheReasonsMost) {
  SeededRandom random;
  const auto sign = AttemptSign::failure(RestReason::overloaded);
  const std::chrono::milliseconds middle[] = {2s, 4s, 8s, 16s, 32s, 60s, 60s};
  for (int failures = 1; failures <= 7; ++failures) {
    const auto time = rest_time(sign, failures, random);
    EXPECT_GE(time, middle[failures - 1] * 4 / 5) << failures;
    EXPECT_LE(time, middle[failures - 1] * 6 / 5) << failures;
  }
  EXPECT_GE(rest_time(AttemptSign::failure(RestReason::unauthorized), 1, random), 4min);
}

TEST(RestTime, HasJitter) {
  SeededRandom random;
  const auto sign = AttemptSign::failure(RestReason::overloaded);
  EXPECT_NE(rest_time(sign, 4, random), rest_time(sign, 4, random));
}

TEST(RestReasonWord, ComesBack) {
  for (const auto reason :
       {RestReason::rate_limited, RestReason::overloaded, RestReason::server_errors, RestReason::forbidden,
        RestReason::unauthorized, RestReason::billing, RestReason::unreachable, RestReason::timed_out})
    EXPECT_EQ(parse_rest_reason(to_string(reason)), reason);
  EXPECT_EQ(parse_rest_reason("tired"), std::nullopt);
}

TEST(ModelFamily, IsTheNameWithoutVersionAndDate) {
  EXPECT_EQ(model_family("claude-sonnet-4-5-20250929"), "claude-sonnet");
  EXPECT_EQ(model_family("claude-3-5-haiku-latest"), "claude-3-5-haiku");
  EXPECT_EQ(model_family("gpt-4o-2024-08-06"), "gpt-4o");
  EXPECT_EQ(model_family("gpt-5.1"), "gpt");
  EXPECT_EQ(model_family("GPT-5-mini"), "gpt-5-mini");
  EXPECT_EQ(model_family("claude-opus-4@20250514"), "claude-opus");
  EXPECT_EQ(model_family("o3"), "o3");
  EXPECT_EQ(model_family("4"), "4");
  EXPECT_EQ(model_family(std::string(500, 'a')).size(), 64U);
}

}  // namespace rest_rules_test
}  // namespace relay::test
