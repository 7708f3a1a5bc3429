#include "http/error_answer.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace relay {
namespace error_answer_test {

namespace json = boost::json;

json::object body_of(const HttpAnswer& answer) { return json::parse(answer.body).as_object(); }

TEST(HttpMessage, FindsAHeaderWhateverItsCase) {
  HttpRequest request;
  request.headers = {{"Content-TYPE", "a"}, {"content-type", "b"}};
  EXPECT_EQ(request.header("Content-Type"), "a");
  EXPECT_EQ(request.header("content-typ"), "");
}

TEST(ErrorAnswer, NamesEveryFieldInTheClientApisWords) {
  const auto error = Error(ErrorKind::validation, "password_too_short", "Too short")
                         .because("driver words")
                         .on_field("password", "is too short");
  const auto answer = error_answer(error, ErrorShape::client_api, "req_1");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body,
            R"({"success":false,"error":"ValidationError","message":"Too short","code":"password_too_short",)"
            R"("details":[{"field":"password","message":"is too short"}],"requestId":"req_1"})");
  EXPECT_EQ(find_header(answer.headers, "x-should-retry"), "");
}

TEST(ErrorAnswer, SpeaksAnthropic) {
  const Error error(ErrorKind::unauthorized, "api_key_unknown", "invalid x-api-key");
  const auto answer = error_answer(error, ErrorShape::anthropic, "req_1");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body,
            R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},)"
            R"("request_id":"req_1"})");
  EXPECT_EQ(find_header(answer.headers, "x-should-retry"), "false");
  EXPECT_EQ(find_header(answer.headers, "request-id"), "req_1");
}

TEST(ErrorAnswer, SpeaksOpenAi) {
  const Error unknown(ErrorKind::unauthorized, "api_key_unknown", "Incorrect API key");
  EXPECT_EQ(body_of(error_answer(unknown, ErrorShape::openai, "req_1")).at("error").at("code"),
            "invalid_api_key");
  const Error spent(ErrorKind::payment_required, "budget_spent", "Spent");
  EXPECT_EQ(body_of(error_answer(spent, ErrorShape::openai, "req_1")).at("error").at("code"),
            "insufficient_quota");
  const auto broke = Error(ErrorKind::validation, "bad", "Bad").on_field("model", "is required");
  EXPECT_EQ(body_of(error_answer(broke, ErrorShape::openai, "req_1")).at("error").at("param"), "model");
}

TEST(ErrorAnswer, TellsWhenToTryAgain) {
  const auto limited =
      Error(ErrorKind::too_many_requests, "rate_limited", "Slow down").retry_in(std::chrono::seconds(7));
  const auto answer = error_answer(limited, ErrorShape::openai, "req_1");
  EXPECT_EQ(find_header(answer.headers, "Retry-After"), "7");
  EXPECT_EQ(find_header(answer.headers, "x-should-retry"), "");
  EXPECT_EQ(body_of(answer).at("error").at("code"), "rate_limit_exceeded");

  const Error unsaid(ErrorKind::too_many_requests, "rate_limited", "Slow down");
  EXPECT_EQ(find_header(error_answer(unsaid, ErrorShape::client_api, "r").headers, "Retry-After"), "1");
}

TEST(ErrorAnswer, Gives529OnlyToAnthropicsClients) {
  const Error error(ErrorKind::overloaded, "overloaded", "Overloaded");
  EXPECT_EQ(error_answer(error, ErrorShape::anthropic, "r").status, 529);
  EXPECT_EQ(error_answer(error, ErrorShape::openai, "r").status, 503);
  EXPECT_EQ(error_answer(error, ErrorShape::client_api, "r").status, 503);
}

TEST(ErrorAnswer, ForbidsARetryThatCannotHelp) {
  for (const auto kind : {ErrorKind::validation, ErrorKind::payment_required, ErrorKind::forbidden,
                          ErrorKind::not_found, ErrorKind::payload_too_large}) {
    const auto answer = error_answer(Error(kind, "x", "X"), ErrorShape::anthropic, "r");
    EXPECT_EQ(find_header(answer.headers, "x-should-retry"), "false") << answer.status;
  }
  for (const auto kind : {ErrorKind::internal, ErrorKind::unavailable, ErrorKind::gateway_timeout}) {
    const auto answer = error_answer(Error(kind, "x", "X"), ErrorShape::anthropic, "r");
    EXPECT_EQ(find_header(answer.headers, "x-should-retry"), "") << answer.status;
  }
}

TEST(ErrorAnswer, SaysWhichMethodsAPathTakes) {
  const auto answer = method_not_allowed_answer("GET, POST", ErrorShape::client_api, "r");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(find_header(answer.headers, "Allow"), "GET, POST");
}

}  // namespace error_answer_test
}  // namespace relay
